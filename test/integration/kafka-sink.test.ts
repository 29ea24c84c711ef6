import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";
import type { Broker } from "../../src/adapters/outbound/kafka-sink/broker-connection.ts";
import { KafkaSink, type KafkaSinkOptions } from "../../src/adapters/outbound/kafka-sink/kafka-sink.ts";
import type { AcceptedRequest, Delivery } from "../../src/ports/telemetry-sink.ts";
import { encode, spansOf } from "../contract/store-requests.ts";
import { createAuthority } from "../support/certificates.ts";
import { FakeKafka, type ProduceAnswer } from "../support/fake-kafka.ts";
import { kafkaTopics } from "../support/kafka-topics.ts";
import { eventually } from "../support/obsvty.ts";

const noAbort = new AbortController().signal;
const delivered: Delivery = { kind: "delivered" };
const initProducerId = 22;
const saslAuthenticate = 36;

const request = (seed: number): AcceptedRequest => ({
  firstOrdinal: 0,
  items: 2,
  bytes: encode("traces", spansOf(2, { seed })),
});

function sinkFor(t: TestContext, broker: Broker, options: Partial<KafkaSinkOptions> = {}): KafkaSink {
  const sink = new KafkaSink({
    brokers: [broker],
    topics: kafkaTopics,
    compression: "none",
    maxBytes: 2 ** 20,
    tls: undefined,
    sasl: undefined,
    ...options,
  });
  t.after(() => sink.close());
  return sink;
}

const deliver = (sink: KafkaSink, seed = 1, abort = noAbort) =>
  sink.deliver("traces", [request(seed)], abort);

/** What a broker does with one batch after the other; with all that follow, the last. */
function inTurn(...answers: readonly ProduceAnswer[]): () => ProduceAnswer {
  let turn = 0;
  return () => answers[Math.min(turn++, answers.length - 1)]!;
}

function hexOf(values: readonly Uint8Array[]): string[] {
  return values.map((value) => Buffer.from(value).toString("hex")).sort();
}

const hexOfRequests = (...seeds: readonly number[]) => hexOf(seeds.map((seed) => request(seed).bytes));

describe("the Kafka sink", () => {
  test("the Kafka sink writes a delivery as one message, and has all replicas acknowledge it", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    const requests = [request(1), request(2)];
    assert.deepEqual(await sink.deliver("traces", requests, noAbort), delivered);
    const [batch] = kafka.taken;
    assert.deepEqual(hexOf(batch!.values), [requests.map(({ bytes }) => hexOf([bytes])[0]).join("")]);
    assert.deepEqual([batch!.topic, batch!.acks, batch!.sequence], ["otlp_spans", -1, 0]);
  });

  test("the Kafka sink writes to a broker whose requests have lengths of fixed size", async (t) => {
    const kafka = await new FakeKafka(t, { produceVersion: 8 }).start();
    const sink = sinkFor(t, kafka.broker);
    const outcomes = [1, 2, 3].map((seed) => deliver(sink, seed));
    outcomes.push(sink.deliver("logs", [request(4)], noAbort));
    for (const outcome of outcomes) assert.deepEqual(await outcome, delivered);
    assert.deepEqual(hexOf(kafka.values("otlp_spans")), hexOfRequests(1, 2, 3));
    assert.deepEqual(hexOf(kafka.values("otlp_logs")), hexOfRequests(4));
  });

  test("the Kafka sink joins no message with anything before it is written", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    const bytes = new Uint8Array(200_000);
    const { mock } = t.mock.method(Buffer, "concat");
    assert.deepEqual(
      await sink.deliver("traces", [{ firstOrdinal: 0, items: 1, bytes }], noAbort),
      delivered,
    );
    const joined = mock.calls.flatMap((call) => call.arguments[0]);
    assert.ok(!joined.some(({ buffer }) => buffer === bytes.buffer));
    assert.deepEqual(
      kafka.values("otlp_spans").map((value) => Buffer.compare(value, bytes)),
      [0],
    );
  });

  test("the Kafka sink sends as one batch what comes while another is under way", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    const outcomes = [deliver(sink, 1)];
    kafka.onProduce = () => {
      // The first has been sent, and is not answered yet.
      if (outcomes.length === 1) outcomes.push(...[2, 3, 4].map((seed) => deliver(sink, seed)));
      return "appends";
    };
    await outcomes[0];
    assert.deepEqual(
      await Promise.all(outcomes),
      outcomes.map(() => delivered),
    );
    assert.deepEqual(
      kafka.received.map(({ values, sequence }) => [values.length, sequence]),
      [
        [1, 0],
        [3, 1],
      ],
    );
    assert.deepEqual(hexOf(kafka.values("otlp_spans")), hexOfRequests(1, 2, 3, 4));
  });

  test("the Kafka sink makes no batch of more bytes than the topic takes", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const seeds = [1, 2, 3, 4, 5];
    const longest = Math.max(...seeds.map((seed) => request(seed).bytes.byteLength));
    const sink = sinkFor(t, kafka.broker, { maxBytes: 61 + 2 * (32 + longest) });
    assert.ok(sink.maxBytes >= longest);
    await Promise.all(seeds.map((seed) => deliver(sink, seed)));
    assert.deepEqual(
      kafka.received.map(({ values }) => values.length),
      [2, 2, 1],
    );
  });

  test("the Kafka sink writes to the partitions of a topic in turn, and to none without a leader", async (t) => {
    const kafka = await new FakeKafka(t).start();
    kafka.partitions = [true, false, true];
    const sink = sinkFor(t, kafka.broker);
    for (let seed = 1; seed <= 4; seed++) assert.deepEqual(await deliver(sink, seed), delivered);
    assert.deepEqual(
      kafka.taken.map(({ partition, sequence }) => [partition, sequence]),
      [
        [0, 0],
        [2, 0],
        [0, 1],
        [2, 1],
      ],
    );
  });

  for (const [what, partitions, error, code] of [
    ["a topic of which no partition has a leader", [false, false], 0, "LEADER_NOT_AVAILABLE"],
    ["a topic without partitions", [], 0, "LEADER_NOT_AVAILABLE"],
    ["a topic that is not there", [true], 3, "UNKNOWN_TOPIC_OR_PARTITION"],
    ["a topic that it may not see", [true], 29, "TOPIC_AUTHORIZATION_FAILED"],
  ] as const) {
    test(`the Kafka sink says later of ${what}, and delivers when that is mended`, async (t) => {
      const kafka = await new FakeKafka(t).start();
      const sink = sinkFor(t, kafka.broker);
      kafka.partitions = partitions;
      kafka.metadataError = error;
      assert.deepEqual(await deliver(sink), { kind: "later", code });
      kafka.partitions = [true];
      kafka.metadataError = 0;
      assert.deepEqual(await deliver(sink), delivered);
    });
  }

  test("the Kafka sink has a message once that was appended and not acknowledged", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    assert.deepEqual(await deliver(sink, 1), delivered);
    kafka.onProduce = inTurn("appends and cuts", "appends");
    assert.deepEqual(await deliver(sink, 2), delivered);
    assert.deepEqual(await deliver(sink, 3), delivered);
    assert.deepEqual(hexOf(kafka.values("otlp_spans")), hexOfRequests(1, 2, 3));
    assert.equal(kafka.received.length, 4, "the second was sent twice");
  });

  test("the Kafka sink takes a broker's word that it has a batch already for a delivery", async (t) => {
    const kafka = await new FakeKafka(t).start();
    kafka.onProduce = () => 46;
    assert.deepEqual(await deliver(sinkFor(t, kafka.broker)), delivered);
  });

  test("the Kafka sink tries a leader's error again at once, and says it when it stays", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    kafka.onProduce = inTurn(6, "appends");
    assert.deepEqual(await deliver(sink, 1), delivered);
    kafka.onProduce = () => 19;
    assert.deepEqual(await deliver(sink, 2), { kind: "later", code: "NOT_ENOUGH_REPLICAS" });
    kafka.onProduce = () => "appends";
    assert.deepEqual(await deliver(sink, 2), delivered);
    assert.deepEqual(hexOf(kafka.values("otlp_spans")), hexOfRequests(1, 2));
  });

  for (const [what, answer] of [
    ["OUT_OF_ORDER_SEQUENCE_NUMBER", 45],
    ["INVALID_PRODUCER_EPOCH", 47],
    ["UNKNOWN_PRODUCER_ID", 59],
  ] as const) {
    test(`the Kafka sink begins as a new producer after ${what}`, async (t) => {
      const kafka = await new FakeKafka(t).start();
      const sink = sinkFor(t, kafka.broker);
      assert.deepEqual(await deliver(sink, 1), delivered);
      kafka.onProduce = inTurn(answer, "appends");
      assert.deepEqual(await deliver(sink, 2), delivered);
      assert.deepEqual(
        kafka.received.map(({ producerId, sequence }) => [Number(producerId), sequence]),
        [
          [1, 0],
          [1, 1],
          [2, 0],
        ],
      );
    });
  }

  test("the Kafka sink begins as a new producer when a broker has forgotten what it wrote", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    assert.deepEqual(await deliver(sink, 1), delivered);
    kafka.forgetProducers();
    assert.deepEqual(await deliver(sink, 2), delivered);
    assert.deepEqual(hexOf(kafka.values("otlp_spans")), hexOfRequests(1, 2));
  });

  test("the Kafka sink begins as a new producer after a delivery whose end it does not know", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    kafka.onProduce = () => "cuts";
    assert.deepEqual(await deliver(sink, 1), { kind: "later", code: "connection failed" });
    kafka.onProduce = () => "appends";
    assert.deepEqual(await deliver(sink, 1), delivered);
    assert.equal(kafka.requests.filter((key) => key === initProducerId).length, 2);
  });

  test("the Kafka sink sends messages one by one that were refused together", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    const [bad] = hexOfRequests(2);
    kafka.onProduce = ({ values }) => (hexOf(values).includes(bad!) ? 87 : "appends");
    assert.deepEqual(await Promise.all([1, 2, 3].map((seed) => deliver(sink, seed))), [
      delivered,
      { kind: "refused", code: "INVALID_RECORD" },
      delivered,
    ]);
    assert.deepEqual(hexOf(kafka.values("otlp_spans")), hexOfRequests(1, 3));
  });

  test("the Kafka sink does not try again what a broker refuses for good", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    kafka.onProduce = () => 76;
    const none = { kind: "refused", code: "UNSUPPORTED_COMPRESSION_TYPE", takesNone: true };
    assert.deepEqual(await Promise.all([deliver(sink, 1), deliver(sink, 2)]), [none, none]);
    assert.equal(kafka.received.length, 1);
  });

  test("the Kafka sink goes on after a connection that the broker closed while it was idle", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    for (let seed = 1; seed <= 10; seed++) {
      assert.deepEqual(await deliver(sink, seed), delivered);
      kafka.cut();
    }
    assert.equal(kafka.values("otlp_spans").length, 10);
  });

  test("the Kafka sink tries again on a new connection what was sent while the client authenticated again", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    assert.deepEqual(await deliver(sink, 1), delivered);
    const illegalSaslState = 34;
    kafka.onProduce = inTurn(illegalSaslState, "appends");
    assert.deepEqual(await deliver(sink, 2), delivered);
    assert.deepEqual(hexOf(kafka.values("otlp_spans")), hexOfRequests(1, 2));
  });

  test("the Kafka sink finds a broker among some that are not there", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const brokers = [1, 2, 3, 4].map((port) => ({ host: "127.0.0.1", port }));
    const sink = sinkFor(t, kafka.broker, { brokers: [...brokers, kafka.broker] });
    assert.deepEqual(await deliver(sink), delivered);
  });

  test("the Kafka sink ends the connection of what nobody waits for any more, and sends it never again", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    kafka.onProduce = () => "stalls";
    const abort = new AbortController();
    const first = deliver(sink, 1, abort.signal);
    await eventually("it was sent", () => kafka.received[0]);
    const waiting = deliver(sink, 2, abort.signal);
    abort.abort();
    const aborted = { kind: "later", code: "aborted" };
    assert.deepEqual(await Promise.all([first, waiting]), [aborted, aborted]);
    await eventually("its connection is closed", () => kafka.connections === 0 || undefined);
    kafka.onProduce = () => "appends";
    assert.deepEqual(await deliver(sink, 3), delivered);
    assert.deepEqual(hexOf(kafka.values("otlp_spans")), hexOfRequests(3));
    assert.equal(kafka.received.length, 2);
  });

  test("the Kafka sink leaves no gap in its sequence after a batch that was abandoned before it was sent", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker, { compression: "gzip" });
    assert.deepEqual(await deliver(sink, 1), delivered);
    // Long enough to be compressed on another thread, while its place in the sequence is taken.
    const long = { firstOrdinal: 0, items: 1_000, bytes: encode("traces", spansOf(1_000)) };
    const abort = new AbortController();
    const given = sink.deliver("traces", [long], abort.signal);
    setImmediate(() => abort.abort());
    assert.deepEqual(await given, { kind: "later", code: "aborted" });
    assert.deepEqual(await deliver(sink, 2), delivered);
    assert.deepEqual(
      kafka.received.map(({ producerId, sequence }) => [Number(producerId), sequence]),
      [
        [1, 0],
        [2, 0],
      ],
    );
  });

  test("the Kafka sink goes on with a batch as long as one caller waits for it", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    const abort = new AbortController();
    kafka.onProduce = inTurn("cuts", "appends");
    const outcomes = [deliver(sink, 1, abort.signal), deliver(sink, 2)];
    await eventually("it was sent", () => kafka.received[0]);
    abort.abort();
    assert.deepEqual(await Promise.all(outcomes), [{ kind: "later", code: "aborted" }, delivered]);
  });

  test("closing the Kafka sink ends all connections, and what is under way", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    kafka.onProduce = () => "stalls";
    const delivery = deliver(sink);
    await eventually("it was sent", () => kafka.received[0]);
    await sink.close();
    assert.equal((await delivery).kind, "later");
    await eventually("the connection is closed", () => kafka.connections === 0 || undefined);
  });
});

describe("a broker that does not answer", () => {
  /** A port that takes connections and says nothing. */
  async function silentBroker(t: TestContext): Promise<{ broker: Broker; sockets: Set<Socket> }> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
      socket.resume();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { broker: { host: "127.0.0.1", port: (server.address() as AddressInfo).port }, sockets };
  }

  test("a broker that does not answer is let go when the Kafka sink is closed while it is connected to", async (t) => {
    for (const options of [
      {},
      { sasl: { mechanism: "plain", username: "shop", password: "s3cret" } },
    ] as const) {
      const { broker, sockets } = await silentBroker(t);
      const sink = sinkFor(t, broker, options);
      const delivery = deliver(sink);
      await eventually("it is connected to", () => sockets.size > 0 || undefined);
      await sink.close();
      assert.deepEqual(await delivery, { kind: "later", code: "connection failed" });
      await eventually("the connection is closed", () => sockets.size === 0 || undefined);
    }
  });

  test("a broker that does not answer is let go when TLS with it is not ready", async (t) => {
    const { broker, sockets } = await silentBroker(t);
    const sink = sinkFor(t, broker, { tls: () => ({}) });
    const delivery = deliver(sink);
    await eventually("it is connected to", () => sockets.size > 0 || undefined);
    await sink.close();
    assert.equal((await delivery).kind, "later");
    await eventually("the connection is closed", () => sockets.size === 0 || undefined);
  });

  test("a broker that does not answer holds up no delivery after one that was given up", async (t) => {
    const { broker, sockets } = await silentBroker(t);
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker, { brokers: [kafka.broker] });
    assert.deepEqual(await deliver(sink, 1), delivered);
    // The leader is now one that does not answer.
    kafka.announced = broker;
    kafka.onProduce = () => 6;
    const abort = new AbortController();
    const given = deliver(sink, 2, abort.signal);
    await eventually("it is connected to", () => sockets.size > 0 || undefined);
    kafka.announced = undefined;
    kafka.onProduce = () => "appends";
    abort.abort();
    assert.deepEqual(await given, { kind: "later", code: "aborted" });
    assert.deepEqual(await deliver(sink, 3), delivered);
    await eventually("the broker that left is let go", () => sockets.size === 0 || undefined);
  });

  test("a broker is found not to answer in less time than a delivery takes", async (t) => {
    const { broker } = await silentBroker(t);
    assert.deepEqual(await deliver(sinkFor(t, broker)), { kind: "later", code: "timeout" });
  });
});

describe("the brokers of a cluster", () => {
  test("the Kafka sink disconnects from a broker that has left the cluster", async (t) => {
    const [known, left, joined] = await Promise.all([1, 2, 3].map(() => new FakeKafka(t).start()));
    const sink = sinkFor(t, known!.broker);
    known!.announced = left!.broker;
    left!.announced = joined!.broker;
    assert.deepEqual(await deliver(sink, 1), delivered);
    assert.deepEqual([left!.taken.length, left!.connections], [1, 1]);
    known!.announced = joined!.broker;
    left!.onProduce = () => 6;
    assert.deepEqual(await deliver(sink, 2), delivered);
    assert.equal(joined!.taken.length, 1);
    await eventually("nothing is open to the one that left", () => left!.connections === 0 || undefined);
    assert.ok(known!.connections > 0, "what is set stays");
  });

  test("a broker that throttles gets the next batch after the time that it named", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    kafka.throttleMs = 400;
    const atMs: number[] = [];
    kafka.onProduce = () => {
      atMs.push(performance.now());
      return "appends";
    };
    for (const seed of [1, 2, 3]) assert.deepEqual(await deliver(sink, seed), delivered);
    const pauses = atMs.slice(1).map((ms, i) => ms - atMs[i]!);
    assert.ok(
      pauses.every((ms) => ms >= kafka.throttleMs),
      `${pauses} ms`,
    );
  });

  test("a broker that throttles for long is left alone for that time", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    kafka.throttleMs = 60_000;
    assert.deepEqual(await deliver(sink, 1), delivered);
    const delivery = await deliver(sink, 2);
    assert.ok(delivery.kind === "later" && delivery.code === "THROTTLING_QUOTA_EXCEEDED");
    assert.ok(delivery.retryAfterMs! > 30_000 && delivery.retryAfterMs! <= 60_000);
    assert.equal(kafka.received.length, 1);
  });

  test("a broker's throttle that comes with an error is obeyed", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const sink = sinkFor(t, kafka.broker);
    kafka.throttleMs = 60_000;
    kafka.onProduce = inTurn(6, "appends");
    const delivery = await deliver(sink, 1);
    assert.ok(delivery.kind === "later" && delivery.retryAfterMs !== undefined);
    assert.equal(kafka.received.length, 1);
  });
});

describe("the Kafka sink by TLS and SASL", () => {
  const authority = createAuthority("an authority");
  const server = authority.issue("kafka");
  const ca = Buffer.from(authority.cert);
  const plain = { username: "shop", password: "s3cret" } as const;
  const sasl = { mechanism: "plain", ...plain } as const;

  test("the Kafka sink speaks TLS with a broker whose authority it trusts, by address and by name", async (t) => {
    const kafka = await new FakeKafka(t, { tls: server }).start();
    const tls = () => ({ ca });
    for (const host of ["127.0.0.1", "localhost"]) {
      const sink = sinkFor(t, { ...kafka.broker, host }, { tls });
      assert.deepEqual(await deliver(sink), delivered);
    }
  });

  test("the Kafka sink trusts for a new connection the authority that is valid by then", async (t) => {
    const kafka = await new FakeKafka(t, { tls: server }).start();
    let trusted: Buffer = Buffer.from(createAuthority("another").cert);
    const sink = sinkFor(t, kafka.broker, { tls: () => ({ ca: trusted }) });
    assert.equal((await deliver(sink)).kind, "later");
    trusted = ca;
    assert.deepEqual(await deliver(sink), delivered);
  });

  test("the Kafka sink says what is wrong with a broker's certificate", async (t) => {
    const kafka = await new FakeKafka(t, { tls: server }).start();
    const other = Buffer.from(createAuthority("another").cert);
    const sink = sinkFor(t, kafka.broker, { tls: () => ({ ca: other }) });
    const code = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
    assert.deepEqual(await deliver(sink), { kind: "later", code });
  });

  test("the Kafka sink authenticates by PLAIN", async (t) => {
    const kafka = await new FakeKafka(t, { plain }).start();
    assert.deepEqual(await deliver(sinkFor(t, kafka.broker, { sasl })), delivered);
    assert.equal(kafka.requests.filter((key) => key === saslAuthenticate).length, 1);
  });

  test("the Kafka sink says that a broker does not know its password, and tries once", async (t) => {
    const kafka = await new FakeKafka(t, { plain }).start();
    const sink = sinkFor(t, kafka.broker, { sasl: { ...sasl, password: "wrong" } });
    assert.deepEqual(await deliver(sink), { kind: "later", code: "SASL_AUTHENTICATION_FAILED" });
    assert.equal(kafka.requests.filter((key) => key === saslAuthenticate).length, 1);
  });

  test("the Kafka sink says that a broker does not offer its mechanism", async (t) => {
    const kafka = await new FakeKafka(t).start();
    const delivery = await deliver(sinkFor(t, kafka.broker, { sasl }));
    assert.deepEqual(delivery, { kind: "later", code: "UNSUPPORTED_SASL_MECHANISM" });
  });

  for (const [what, answer] of [
    ["nothing", ""],
    ["words", "s3cret words"],
    ["another nonce", "r=other,s=AAAA,i=4096"],
    ["too few iterations", "r=,s=AAAA,i=1"],
    ["no salt", "r=x"],
  ] as const) {
    test(`the Kafka sink lives through a broker that answers SCRAM with ${what}`, async (t) => {
      const kafka = await new FakeKafka(t).start();
      kafka.onSasl = () => Buffer.from(answer);
      const sink = sinkFor(t, kafka.broker, { sasl: { mechanism: "scram-sha-256", ...plain } });
      assert.equal((await deliver(sink)).kind, "later");
    });
  }
});

describe("something that is no broker", () => {
  async function listen(t: TestContext, onSocket: (socket: Socket) => void): Promise<Broker> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      onSocket(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  for (const [what, answer] of [
    ["speaks HTTP", "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"],
    ["answers what was not asked", Buffer.from("0000000800000063000000000000", "hex")],
    ["answers with a length below zero", Buffer.from("ffffffff00000001", "hex")],
  ] as const) {
    test(`a delivery to something that is no broker is later when it ${what}`, async (t) => {
      const broker = await listen(t, (socket) => socket.once("data", () => socket.end(answer)));
      const delivery = await deliver(sinkFor(t, broker));
      assert.equal(delivery.kind, "later");
    });
  }

  test("something that is no broker is said to require TLS when it answers with a TLS record", async (t) => {
    const alert = Buffer.from("15030300020228", "hex");
    const broker = await listen(t, (socket) => socket.once("data", () => socket.end(alert)));
    assert.deepEqual(await deliver(sinkFor(t, broker)), { kind: "later", code: "TLS required" });
  });

  test("the Kafka sink cuts something that is no broker and sends without end", async (t) => {
    let sent = 0;
    const broker = await listen(t, (socket) => {
      socket.once("data", () => {
        // A length of 1 GB, and then a part of that.
        socket.write(Buffer.from("40000000", "hex"));
        const chunk = Buffer.alloc(2 ** 16);
        const send = () => {
          while (!socket.destroyed && sent < 2 ** 28) {
            sent += chunk.byteLength;
            if (!socket.write(chunk)) break;
          }
        };
        socket.on("drain", send);
        send();
      });
    });
    assert.equal((await deliver(sinkFor(t, broker))).kind, "later");
    assert.ok(sent < 2 ** 27, `${sent} bytes were taken`);
  });

  test("the Kafka sink lives through answers to each request that are cut off", async (t) => {
    for (const key of [0, 3, 18, initProducerId]) {
      const kafka = await new FakeKafka(t).start();
      kafka.onRequest = (each) => (each === key ? Buffer.from("00000004000000", "hex") : undefined);
      const abort = new AbortController();
      const delivery = deliver(sinkFor(t, kafka.broker), 1, abort.signal);
      await eventually("it was asked", () => kafka.requests.includes(key) || undefined);
      abort.abort();
      assert.deepEqual(await delivery, { kind: "later", code: "aborted" });
    }
  });
});
