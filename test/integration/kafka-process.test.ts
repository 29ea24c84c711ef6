import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encode, requestOf, spansOf } from "../contract/store-requests.ts";
import { createAuthority, writeTestFile } from "../support/certificates.ts";
import { runHere } from "../support/cli.ts";
import { FakeKafka } from "../support/fake-kafka.ts";
import { kafkaTopics } from "../support/kafka-topics.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import { postExport } from "../support/post-export.ts";
import type { TestServer } from "../support/server.ts";
import { assertStartRefused, run, untilListening } from "../support/server-process.ts";

/** Of loopback, where nothing listens: reserved, and used by no program. */
const nobody = "127.0.0.1:1";

const brokersOf = ({ broker: { host, port } }: FakeKafka) => `${host}:${port}`;

describe("a server that is set up to forward to Kafka", () => {
  for (const [what, settings, pattern] of [
    [
      "a bad list of brokers",
      { FORWARD_KAFKA_BROKERS: "kafka://u:s3cret@h:9092" },
      /^FORWARD_KAFKA_BROKERS: the value given is not allowed/,
    ],
    [
      "a bad topic",
      { FORWARD_KAFKA_BROKERS: nobody, FORWARD_KAFKA_TOPIC_LOGS: "a b" },
      /^FORWARD_KAFKA_TOPIC_LOGS: "a b" is not allowed/,
    ],
    [
      "no file of authorities",
      { FORWARD_KAFKA_BROKERS: nobody, FORWARD_KAFKA_CA_FILE: "/nowhere/a.pem" },
      /^FORWARD_KAFKA_CA_FILE: "\/nowhere\/a.pem" cannot be read \(ENOENT\)$/,
    ],
    [
      "a password without a mechanism",
      {
        FORWARD_KAFKA_BROKERS: nobody,
        FORWARD_KAFKA_USERNAME: "shop",
        FORWARD_KAFKA_PASSWORD: "s3cret",
      },
      /^FORWARD_KAFKA_SASL: must be set, because FORWARD_KAFKA_USERNAME is$/,
    ],
  ] as const) {
    test(`Kafka stops the start with one line and exit code 1 for ${what}`, async (t) => {
      await assertStartRefused(t, settings, pattern);
    });
  }

  test("Kafka with a file that holds no certificate stops the start", async (t) => {
    const running = run(t, {
      FORWARD_KAFKA_BROKERS: nobody,
      FORWARD_KAFKA_CA_FILE: writeTestFile(t, "ca.pem", createAuthority("an authority").key),
    });
    assert.deepEqual(await running.ended, [1, null]);
    assert.match(running.output(), /^obsvty: FORWARD_KAFKA_CA_FILE: .* must hold certificates in PEM\n$/);
  });

  test("a server set up for Kafka starts and serves without a broker, and the spans that are left at the stop are told", async (t) => {
    const running = run(t, {
      FORWARD_KAFKA_BROKERS: nobody,
      FORWARD_KAFKA_POLICY: "lossless",
      SHUTDOWN_GRACE_MS: "300",
    });
    const address = await untilListening(running);
    assert.equal(await postExport({ url: `http://${address}` }, "traces", encode("traces", spansOf(1))), 200);
    running.child.kill("SIGTERM");
    assert.deepEqual(await running.ended, [1, null]);
    assert.match(running.output(), /not handed on when the grace ran out: 1 \(\d+ bytes\) for kafka/);
  });

  test("a server set up for Kafka writes no payload and no password to its output, also when all is to be debugged", async (t) => {
    const plain = { username: "shop", password: "s3cret" };
    const kafka = await new FakeKafka(t, { plain }).start();
    const settings = {
      DEBUG: "*",
      LOG_LEVEL: "trace",
      FORWARD_KAFKA_BROKERS: brokersOf(kafka),
      FORWARD_KAFKA_SASL: "plain",
      FORWARD_KAFKA_USERNAME: plain.username,
      FORWARD_KAFKA_PASSWORD: plain.password,
    };
    const running = run(t, settings);
    const address = await untilListening(running);
    assert.equal(await postExport({ url: `http://${address}` }, "traces", encode("traces", spansOf(1))), 200);
    await eventually("it is there", () => kafka.values("otlp_spans")[0]);
    running.child.kill("SIGTERM");
    assert.deepEqual(await running.ended, [0, null]);
    assert.ok(!/plt:|s3cret/.test(running.output()), running.output());
  });
});

describe("how handing on to Kafka goes", () => {
  /** A server whose Kafka has taken 5 spans, and does not take 3 log records. */
  async function startWithBacklog(kafka: FakeKafka, start: (settings: object) => Promise<TestServer>) {
    kafka.onProduce = ({ topic }) => (topic === kafkaTopics.traces ? "appends" : 19);
    const server = await start({
      FORWARD_KAFKA_BROKERS: brokersOf(kafka),
      FORWARD_KAFKA_POLICY: "lossless",
    });
    assert.equal(await postExport(server, "traces", encode("traces", spansOf(5))), 200);
    assert.equal(await postExport(server, "logs", encode("logs", requestOf("logs", 3))), 200);
    await eventually("the spans are there, the log records failed", async () => {
      const { sinks } = await query(server, "GetStats");
      return (sinks.kafka.delivered === "5" && sinks.kafka.state === "failing") || undefined;
    });
    return server;
  }

  test("Kafka stands in /health, /metrics, GetStats and obsvty stats", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const server = await startWithBacklog(kafka, (settings) => startObsvty(t, { settings }));
    const health = JSON.parse(await (await fetch(`${server.url}/health`)).text());
    const { state, policy, backlogItems, delivered, lastFailure } = health.sinks.kafka;
    assert.deepEqual(
      [state, policy, backlogItems, delivered, lastFailure],
      ["failing", "lossless", 3, 5, "NOT_ENOUGH_REPLICAS"],
    );
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(metrics, /^obsvty_sink_delivered_items_total\{sink="kafka",signal="traces"[^}]*\} 5$/m);
    assert.match(metrics, /^obsvty_sink_failing\{sink="kafka",signal="logs"[^}]*\} 1$/m);
    const { sinks } = await query(server, "GetStats");
    assert.equal(sinks.kafka.backlogItems, "3");
    const { stdout } = await runHere(server, ["stats"], { columns: 140 });
    assert.match(
      stdout,
      /\nkafka +lossless +failing +3 .* 5 +\d+ +0 +0 +NOT_ENOUGH_REPLICAS at \d\d:\d\d:\d\d\.\d{3}\n$/,
    );
  });

  test("a request that is longer than a message of Kafka may be is split by its items", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const server = await startObsvty(t, {
      settings: { FORWARD_KAFKA_BROKERS: brokersOf(kafka), FORWARD_KAFKA_MAX_BYTES: "2048" },
    });
    const items = 40;
    const body = encode("logs", requestOf("logs", items));
    assert.ok(body.byteLength > 3 * 2_048, `${body.byteLength}`);
    assert.equal(await postExport(server, "logs", body), 200);
    await eventually("all are delivered", async () => {
      const { sinks } = await query(server, "GetStats");
      return sinks.kafka.delivered === String(items) || undefined;
    });
    const sizes = kafka.values(kafkaTopics.logs).map(({ byteLength }) => byteLength);
    assert.ok(sizes.length > 3 && sizes.every((size) => size <= 2_048), sizes.join());
  });

  test("a request that a topic refuses for its size is split until it takes the parts", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sizeOf = (values: readonly Uint8Array[]) => values.reduce((sum, each) => sum + each.byteLength, 0);
    kafka.onProduce = ({ values }) => (sizeOf(values) > 3_000 ? 10 : "appends");
    const server = await startObsvty(t, {
      settings: { FORWARD_KAFKA_BROKERS: brokersOf(kafka), FORWARD_KAFKA_POLICY: "confirmed" },
    });
    const items = 60;
    const body = encode("logs", requestOf("logs", items));
    assert.ok(body.byteLength > 3 * 3_000, `${body.byteLength}`);
    assert.equal(await postExport(server, "logs", body), 200);
    const { sinks } = await query(server, "GetStats");
    assert.deepEqual([sinks.kafka.delivered, sinks.kafka.refused], [String(items), "0"]);
  });

  test("an export is confirmed when Kafka has it, and refused when Kafka refuses it", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const server = await startObsvty(t, {
      settings: { FORWARD_KAFKA_BROKERS: brokersOf(kafka), FORWARD_KAFKA_POLICY: "confirmed" },
    });
    assert.equal(await postExport(server, "traces", encode("traces", spansOf(1))), 200);
    assert.equal(kafka.values(kafkaTopics.traces).length, 1);
    kafka.onProduce = () => 10;
    assert.equal(await postExport(server, "traces", encode("traces", spansOf(2))), 400);
  });
});
