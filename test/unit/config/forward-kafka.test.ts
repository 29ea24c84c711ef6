import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError, loadConfig } from "../../../src/config/config.ts";
import { settingWarnings } from "../../../src/config/setting-warnings.ts";
import { mostMemory } from "../../../src/config/sizing.ts";

const noFile = "/nowhere/.env";
const load = (env: Record<string, string>) => loadConfig({ env, file: noFile });
const brokers = { FORWARD_KAFKA_BROKERS: "localhost:9092" };

describe("the settings of Kafka", () => {
  it("brokers of Kafka are host names and addresses with ports", () => {
    const { forwardKafkaBrokers } = load({
      FORWARD_KAFKA_BROKERS: "kafka-1.example:9092, 10.0.0.1:19092 ,[::1]:9093",
    });
    assert.deepEqual(forwardKafkaBrokers, [
      { host: "kafka-1.example", port: 9_092 },
      { host: "10.0.0.1", port: 19_092 },
      { host: "::1", port: 9_093 },
    ]);
    assert.deepEqual(load({}).forwardKafkaBrokers, []);
  });

  for (const [key, value] of [
    ["FORWARD_KAFKA_BROKERS", "secret-host"],
    ["FORWARD_KAFKA_BROKERS", "kafka://secret-host:9092"],
    ["FORWARD_KAFKA_BROKERS", "user:secret@host:9092"],
    ["FORWARD_KAFKA_BROKERS", "secret-host:99999"],
    ["FORWARD_KAFKA_BROKERS", "secret-host:0"],
    ["FORWARD_KAFKA_BROKERS", "secret-host:9092,"],
    ["FORWARD_KAFKA_BROKERS", "secret-host:9092;other:9092"],
    ["FORWARD_KAFKA_PASSWORD", "secret\u0007"],
    ["FORWARD_KAFKA_USERNAME", "secret\u00e4"],
  ] as const) {
    it(`${key}=${JSON.stringify(value)} is refused without showing the value`, () => {
      assert.throws(
        () => load({ ...brokers, [key]: value }),
        (error: Error) =>
          error instanceof ConfigError &&
          error.message.startsWith(`${key}: the value given is not allowed`) &&
          !error.message.includes("secret"),
      );
    });
  }

  for (const name of ["a b", "..", ".", "x".repeat(250), "spans/a"]) {
    it(`the topic ${name.slice(0, 10)}, which Kafka would not create, is refused`, () => {
      assert.throws(
        () => load({ FORWARD_KAFKA_TOPIC_LOGS: name }),
        /^ConfigError: FORWARD_KAFKA_TOPIC_LOGS: ".*"(?:\.\.\.)? is not allowed, it must be 1 to 249 letters/,
      );
    });
  }

  for (const [env, message] of [
    [{ FORWARD_KAFKA_TLS: "true" }, "FORWARD_KAFKA_BROKERS: must be set, because FORWARD_KAFKA_TLS is"],
    [
      { FORWARD_KAFKA_PASSWORD: "secret" },
      "FORWARD_KAFKA_BROKERS: must be set, because FORWARD_KAFKA_PASSWORD is",
    ],
    [
      { ...brokers, FORWARD_KAFKA_CERT_FILE: "a.pem" },
      "FORWARD_KAFKA_KEY_FILE: must be set, because FORWARD_KAFKA_CERT_FILE is",
    ],
    [
      { ...brokers, FORWARD_KAFKA_SASL: "plain", FORWARD_KAFKA_USERNAME: "shop" },
      "FORWARD_KAFKA_PASSWORD: must be set, because FORWARD_KAFKA_SASL is",
    ],
    [
      { ...brokers, FORWARD_KAFKA_USERNAME: "shop", FORWARD_KAFKA_PASSWORD: "secret" },
      "FORWARD_KAFKA_SASL: must be set, because FORWARD_KAFKA_USERNAME is",
    ],
    [
      { FORWARD_KAFKA_TOPIC_TRACES: "telemetry", FORWARD_KAFKA_TOPIC_METRICS: "telemetry" },
      "FORWARD_KAFKA_TOPIC_METRICS: must not be the topic of FORWARD_KAFKA_TOPIC_TRACES too",
    ],
  ] as const) {
    it(`a Kafka that is half set up is refused: ${message}`, () => {
      assert.throws(() => load(env), new ConfigError(message));
    });
  }

  it("a password that is sent to Kafka in clear text through a network is warned of", () => {
    const plain = {
      FORWARD_KAFKA_SASL: "PLAIN",
      FORWARD_KAFKA_USERNAME: "shop",
      FORWARD_KAFKA_PASSWORD: "s3cret",
    };
    const warning =
      "FORWARD_KAFKA_PASSWORD is sent without TLS: set FORWARD_KAFKA_TLS=true, or a mechanism of SCRAM";
    for (const [env, isOdd] of [
      [{ FORWARD_KAFKA_BROKERS: "kafka:9092" }, true],
      [{ FORWARD_KAFKA_BROKERS: "localhost:9092,10.0.0.1:9092" }, true],
      [{ FORWARD_KAFKA_BROKERS: "kafka:9092", FORWARD_KAFKA_TLS: "true" }, false],
      [{ FORWARD_KAFKA_BROKERS: "kafka:9092", FORWARD_KAFKA_CA_FILE: "a.pem" }, false],
      [{ FORWARD_KAFKA_BROKERS: "kafka:9092", FORWARD_KAFKA_SASL: "scram-sha-512" }, false],
      [{ FORWARD_KAFKA_BROKERS: "localhost:9092,127.0.0.1:9093,[::1]:9092" }, false],
    ] as const) {
      const all = { ...plain, ...env };
      const warnings = settingWarnings(load(all), { env: all, file: noFile });
      assert.deepEqual(warnings, isOdd ? [warning] : [], JSON.stringify(env));
    }
  });

  it("a sink to Kafka needs memory of its own, for its client too", () => {
    const memory = { process: 2 ** 36, heap: 2 ** 32 };
    const needed = (env: Record<string, string>) =>
      mostMemory(loadConfig({ env, file: noFile, memory })).process;
    assert.equal(needed(brokers) - needed({}), 152 * 2 ** 20);
  });
});
