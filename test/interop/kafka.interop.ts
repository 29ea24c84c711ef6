import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, type TestContext, test } from "node:test";
import { Admin, Consumer, MessagesStreamModes } from "@platformatic/kafka";
import { bySignal, signals } from "../../src/domain/signal.ts";
import { encode, requestOf } from "../contract/store-requests.ts";
import { writeTestFile } from "../support/certificates.ts";
import { buildCollector, Collector } from "../support/collector.ts";
import { fetchKafka, KafkaBroker, user } from "../support/kafka-broker.ts";
import { killUnderLoad } from "../support/killed-under-load.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import { postExport } from "../support/post-export.ts";
import type { TestServer } from "../support/server.ts";
import { lacking } from "../support/tools.ts";

// Apache Kafka as what telemetry is handed on to, and the Go Collector as what reads it there.

const slow = { timeout: 900_000 };
const skip = lacking("go", "java", "mvn");
if (skip === false) {
  before(buildCollector, slow);
  before(fetchKafka, slow);
}

let kafka: KafkaBroker;
if (skip === false) {
  before(async () => {
    kafka = await KafkaBroker.start();
  }, slow);
}
after(() => kafka?.stop());

/** Topics of the test's own. */
function newTopics() {
  const prefix = randomUUID();
  const topics = bySignal((signal) => `${prefix}-${signal}`);
  const settings = {
    FORWARD_KAFKA_TOPIC_TRACES: topics.traces,
    FORWARD_KAFKA_TOPIC_LOGS: topics.logs,
    FORWARD_KAFKA_TOPIC_METRICS: topics.metrics,
    FORWARD_KAFKA_TOPIC_PROFILES: topics.profiles,
  };
  return { topics, settings };
}

/** Reads a topic from its beginning, until the test ends. */
async function readTopic(t: TestContext, topic: string): Promise<Buffer[]> {
  const consumer = new Consumer({
    clientId: "test",
    groupId: randomUUID(),
    bootstrapBrokers: [kafka.address()],
  });
  t.after(() => consumer.close(true));
  const stream = await consumer.consume({
    topics: [topic],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: false,
    maxWaitTime: 100,
  });
  const values: Buffer[] = [];
  stream.on("data", ({ value }) => values.push(value));
  return values;
}

/** Hands on so many items of each signal, and waits until all are there. */
async function handOnSome(server: TestServer, requests: number, items: number): Promise<void> {
  for (let i = 0; i < requests; i++) {
    for (const signal of signals) {
      assert.equal(
        await postExport(server, signal, encode(signal, requestOf(signal, items, { seed: i + 1 }))),
        200,
      );
    }
  }
  const { sinks } = await eventually("all is delivered", async () => {
    const stats = await query(server, "GetStats");
    return stats.sinks.kafka.backlogItems === "0" ? stats : undefined;
  });
  const { delivered, refused } = sinks.kafka;
  assert.deepEqual([delivered, refused], [String(requests * items * signals.length), "0"]);
}

describe("the Collector's Kafka receiver", { skip }, () => {
  for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
    test(`the Collector's Kafka receiver reads every item that was written with compression ${compression}`, async (t) => {
      const { topics, settings } = newTopics();
      const server = await startObsvty(t, {
        settings: {
          ...settings,
          FORWARD_KAFKA_BROKERS: kafka.address(),
          FORWARD_KAFKA_COMPRESSION: compression,
        },
      });
      await handOnSome(server, 20, 25);
      const receiver = `  kafka:
    brokers: ["${kafka.address()}"]
    group_id: ${randomUUID()}
    initial_offset: earliest
${signals.map((signal) => `    ${signal}: { topics: ["${topics[signal]}"] }`).join("\n")}`;
      const collector = await Collector.start(t, { receiver });
      const expected = { spans: 500, logRecords: 500, dataPoints: 500, profiles: 500 };
      const items = await eventually("all has arrived", () => {
        const found = collector.items();
        return Object.values(found).every((count) => count >= 500) ? found : undefined;
      });
      assert.deepEqual(items, expected);
    });
  }
});

describe("Apache Kafka as a sink", { skip }, () => {
  const ca = (t: TestContext) => writeTestFile(t, "ca.pem", kafka.authority.cert);
  const credentials = {
    FORWARD_KAFKA_USERNAME: user.username,
    FORWARD_KAFKA_PASSWORD: user.password,
  };

  for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
    for (const listener of ["SASL_SSL", "SASL_PLAINTEXT"] as const) {
      test(`Apache Kafka has every item by ${listener} and ${mechanism}`, async (t) => {
        const server = await startObsvty(t, {
          settings: {
            ...newTopics().settings,
            ...credentials,
            FORWARD_KAFKA_BROKERS: kafka.address(listener),
            FORWARD_KAFKA_SASL: mechanism,
            ...(listener === "SASL_SSL" && { FORWARD_KAFKA_CA_FILE: ca(t) }),
          },
        });
        await handOnSome(server, 2, 5);
      });
    }

    test(`Apache Kafka refuses a wrong password by ${mechanism}, which is tried again later`, async (t) => {
      const server = await startObsvty(t, {
        settings: {
          ...newTopics().settings,
          ...credentials,
          FORWARD_KAFKA_PASSWORD: "wrong",
          FORWARD_KAFKA_BROKERS: kafka.address("SASL_PLAINTEXT"),
          FORWARD_KAFKA_SASL: mechanism,
        },
      });
      assert.equal(await postExport(server, "logs", encode("logs", requestOf("logs", 1))), 200);
      const sink = await eventually("a try failed", async () => {
        const { sinks } = await query(server, "GetStats");
        return sinks.kafka.state === "failing" ? sinks.kafka : undefined;
      });
      assert.equal(sink.lastFailure, "SASL_AUTHENTICATION_FAILED");
    });
  }

  test("Apache Kafka has every item by TLS with a client certificate", async (t) => {
    const { cert, key } = kafka.authority.issue("shop");
    const server = await startObsvty(t, {
      settings: {
        ...newTopics().settings,
        FORWARD_KAFKA_BROKERS: kafka.address("SSL"),
        FORWARD_KAFKA_CA_FILE: ca(t),
        FORWARD_KAFKA_CERT_FILE: writeTestFile(t, "client.pem", cert),
        FORWARD_KAFKA_KEY_FILE: writeTestFile(t, "client.key", key),
      },
    });
    await handOnSome(server, 2, 5);
  });

  test("Apache Kafka has every item of a request that is longer than its topic takes", async (t) => {
    const { topics, settings } = newTopics();
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [kafka.address()] });
    t.after(() => admin.close());
    await admin.createTopics({
      topics: [topics.logs],
      partitions: 1,
      replicas: 1,
      configs: [{ name: "max.message.bytes", value: "20000" }],
    });
    const server = await startObsvty(t, {
      settings: { ...settings, FORWARD_KAFKA_BROKERS: kafka.address() },
    });
    assert.equal(await postExport(server, "logs", encode("logs", requestOf("logs", 1_000))), 200);
    const sink = await eventually("all is done", async () => {
      const { sinks } = await query(server, "GetStats");
      return sinks.kafka.backlogItems === "0" ? sinks.kafka : undefined;
    });
    assert.deepEqual([sink.delivered, sink.refused, sink.lastFailure], ["1000", "0", "MESSAGE_TOO_LARGE"]);
  });

  test("Apache Kafka has every item of a request that is longer than a message may be", async (t) => {
    const { topics, settings } = newTopics();
    const server = await startObsvty(t, {
      settings: { ...settings, FORWARD_KAFKA_BROKERS: kafka.address() },
    });
    const items = 3_000;
    const body = encode("logs", requestOf("logs", items, { resource: { padding: "x".repeat(500_000) } }));
    assert.ok(body.byteLength > 1_048_588);
    assert.equal(await postExport(server, "logs", body), 200);
    await eventually("all is delivered", async () => {
      const { sinks } = await query(server, "GetStats");
      assert.equal(sinks.kafka.refused, "0");
      return sinks.kafka.delivered === String(items) || undefined;
    });
    const values = await readTopic(t, topics.logs);
    await eventually("it is read back", () => values.length > 1 || undefined);
  });

  for (const policy of ["confirmed", "lossless"] as const) {
    test(`Apache Kafka, killed under load, has every acknowledged span with ${policy}`, slow, async (t) => {
      const { topics, settings } = newTopics();
      const server = await startObsvty(t, {
        settings: {
          ...settings,
          FORWARD_KAFKA_BROKERS: kafka.address(),
          FORWARD_KAFKA_POLICY: policy,
          REQUEST_TIMEOUT_MS: "3000",
          MAX_BUFFER_SIZE: "2000",
        },
      });
      const { acknowledged, sent } = await killUnderLoad(server, "kafka", {
        rounds: 2,
        spansBetween: 500,
        killAndStart: async () => {
          await kafka.kill();
          await kafka.start();
        },
      });
      const values = await readTopic(t, topics.traces);
      await eventually("every acknowledged span is read", () => {
        const text = values.map((value) => value.toString("hex")).join(" ");
        return [...acknowledged].every((id) => text.includes(id)) || undefined;
      });
      t.diagnostic(
        `${acknowledged.size} spans acknowledged, ${sent} requests sent, ${values.length} messages`,
      );
    });
  }
});
