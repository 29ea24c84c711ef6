import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseEnv } from "node:util";
import { parse } from "yaml";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { settingWarnings } from "../../src/config/setting-warnings.ts";
import { type Signal, signals } from "../../src/domain/signal.ts";
import { root } from "../support/docs/markdown.ts";

const textOf = (name: string) => readFileSync(join(root, "examples/fleet", name), "utf8");

/** Lines `key=value` of a Java properties file; parseEnv does not take keys with dots. */
function propertiesOf(name: string): Readonly<Record<string, string>> {
  const lines = textOf(name).matchAll(/^([\w.]+)=(.*)$/gm);
  return Object.fromEntries(Array.from(lines, ([, key, value]) => [key, value]));
}

const receiverEnv = parseEnv(textOf("receiver.env"));
const runScript = textOf("run.sh");
const compose = parse(textOf("compose.yaml"), { merge: true });
const collector = parse(textOf("collector.yaml"));

/** The receivers' settings, by each way to run the fleet. */
const added = {
  "run.sh": {
    OTLP_GRPC_HOST: "127.0.0.1",
    OTLP_GRPC_PORT: "14311",
    FORWARD_KAFKA_BROKERS: "127.0.0.1:19092",
  },
  "compose.yaml": compose.services["receiver-1"].environment as Record<string, string>,
} as const;

function sourcesOf(way: keyof typeof added) {
  return { env: { ...receiverEnv, ...added[way] }, file: "/nowhere/.env" };
}

const configOf = (way: keyof typeof added): Config => loadConfig(sourcesOf(way));

/** The addresses that a text names by these variables, whose numbers may be `$i`. */
const ports = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, port]) => Number(port));

describe("the fleet of examples/fleet", () => {
  for (const way of ["run.sh", "compose.yaml"] as const) {
    test(`the fleet of examples has settings in ${way} that a receiver takes, and that wait for Kafka`, () => {
      const config = configOf(way);
      assert.deepEqual(settingWarnings(config, sourcesOf(way)), []);
      assert.equal(config.forwardKafkaPolicy, "confirmed");
      assert.equal(config.forwardKafkaBrokers.length, 1);
    });
  }

  test("the fleet of examples has a Collector that reads the topics and the encoding that receivers write", () => {
    const topics: Readonly<Record<Signal, string>> = {
      traces: configOf("run.sh").forwardKafkaTopicTraces,
      logs: configOf("run.sh").forwardKafkaTopicLogs,
      metrics: configOf("run.sh").forwardKafkaTopicMetrics,
      profiles: configOf("run.sh").forwardKafkaTopicProfiles,
    };
    const { kafka } = collector.receivers;
    // The Collector's pipelines of profiles are behind a feature gate.
    for (const signal of signals.filter((each) => each !== "profiles")) {
      assert.deepEqual(kafka[signal], { topics: [topics[signal]], encoding: "otlp_proto" });
      const { receivers, exporters } = collector.service.pipelines[signal];
      assert.deepEqual(receivers, ["kafka"]);
      for (const name of exporters) assert.ok(name in collector.exporters, name);
    }
  });

  test("the fleet of examples gives the Collector each variable that its file asks for, by both ways", () => {
    const asked = [...textOf("collector.yaml").matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => name!);
    assert.deepEqual(asked.toSorted(), ["COLLECTOR_FILE", "KAFKA_BROKERS"]);
    assert.deepEqual(Object.keys(compose.services.collector.environment).toSorted(), asked.toSorted());
    for (const name of asked) assert.match(runScript, new RegExp(`\\b${name}=`));
  });

  test("the fleet of examples gives HAProxy each variable that its file asks for, by both ways", () => {
    const asked = [
      ...new Set(Array.from(textOf("haproxy.cfg").matchAll(/\$\{(\w+)\}/g), ([, name]) => name!)),
    ];
    assert.deepEqual(Object.keys(compose.services.balancer.environment).toSorted(), asked.toSorted());
    for (const name of asked) assert.match(runScript, new RegExp(`\\b${name}=`));
  });

  test("the fleet of examples has ports in run.sh on which the others listen", () => {
    const properties = propertiesOf("kafka.properties");
    const [broker, controller] = ports(properties.listeners ?? "", /:(\d+)/g);
    assert.deepEqual(ports(properties["controller.quorum.voters"] ?? "", /:(\d+)/g), [controller]);
    assert.deepEqual(ports(runScript, /KAFKA_BROKERS=127\.0\.0\.1:(\d+)/g), [broker, broker]);
    assert.deepEqual(configOf("run.sh").forwardKafkaBrokers, [{ host: "127.0.0.1", port: broker }]);
    assert.match(runScript, /OTLP_GRPC_HOST=127\.0\.0\.1 OTLP_GRPC_PORT=1431\$i/);
    const receivers = ports(runScript, /RECEIVER_\d=127\.0\.0\.1:(\d+)/g);
    assert.deepEqual(receivers, [14_311, 14_312]);
    const balancer = ports(runScript, /FLEET_\w+_PORT=(\d+)/g);
    const awaited = ports(runScript, /^until_open (\d+)$/gm);
    assert.deepEqual(awaited, [broker, ...receivers, balancer[0]]);
  });

  test("the fleet of examples has hosts and ports in compose.yaml that its services have", () => {
    const { services } = compose;
    const { balancer, kafka, collector: reader } = services;
    const listener = /^PLAINTEXT:\/\/(.*)$/.exec(kafka.environment.KAFKA_ADVERTISED_LISTENERS)?.[1];
    assert.equal(listener, "kafka:9092");
    assert.equal(reader.environment.KAFKA_BROKERS, listener);
    const config = configOf("compose.yaml");
    assert.deepEqual(config.forwardKafkaBrokers, [{ host: "kafka", port: 9_092 }]);
    for (const i of [1, 2]) {
      assert.equal(balancer.environment[`RECEIVER_${i}`], `receiver-${i}:${config.otlpGrpcPort}`);
      assert.equal(services[`receiver-${i}`].env_file, "receiver.env");
    }
    const { FLEET_GRPC_PORT, FLEET_HTTP_PORT } = balancer.environment;
    assert.deepEqual(
      balancer.ports,
      [FLEET_GRPC_PORT, FLEET_HTTP_PORT].map((port) => `${port}:${port}`),
    );
    for (const { depends_on = [] } of Object.values<{ depends_on?: string[] }>(services)) {
      for (const name of depends_on) assert.ok(name in services, name);
    }
  });

  test("the fleet of examples has a Kafka in compose.yaml with the settings of kafka.properties, but for addresses and folders", () => {
    const { environment } = compose.services.kafka;
    const properties = propertiesOf("kafka.properties");
    const keyOf = (name: string) =>
      name
        .replace(/^KAFKA_/, "")
        .toLowerCase()
        .replaceAll("_", ".");
    for (const [name, value] of Object.entries<string>(environment)) {
      if (/LISTENERS$|VOTERS$|PROTOCOL_MAP$/.test(name)) continue;
      assert.equal(value, properties[keyOf(name)], name);
    }
  });
});
