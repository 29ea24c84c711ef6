import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Authority, createAuthority } from "./certificates.ts";
import { freePort } from "./free-port.ts";
import { kill } from "./kill.ts";

const version = "4.1.0";
const jars = join(tmpdir(), "obsvty-interop", `kafka-${version}`);

/** Gets Apache Kafka from Maven's repository, 43 MB, and keeps it for the next time. */
export function fetchKafka(): void {
  run(
    "java",
    ["-version"],
    "the broker needs Java 17 or newer: install a JRE, such as openjdk-17-jre-headless",
  );
  if (existsSync(jars)) return;
  const folder = mkdtempSync(join(tmpdir(), "obsvty-kafka-"));
  try {
    writeFileSync(join(folder, "pom.xml"), pom);
    const goal = [
      "-q",
      "-B",
      "-f",
      folder,
      "dependency:copy-dependencies",
      `-DoutputDirectory=${folder}/jars`,
    ];
    run("mvn", goal, "Kafka cannot be fetched; it needs Maven and its repository");
    mkdirSync(join(jars, ".."), { recursive: true });
    renameSync(join(folder, "jars"), jars);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(command: string, args: readonly string[], how: string): void {
  try {
    execFileSync(command, args, { stdio: "pipe" });
  } catch (cause) {
    throw new Error(how, { cause });
  }
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>obsvty</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>
    </dependency>
  </dependencies>
</project>`;

/** How a client may reach the broker. */
const listeners = ["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"] as const;
type Listener = (typeof listeners)[number];

export const user = { username: "shop", password: "s3cret pass" } as const;
const mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

/** Apache Kafka as a process of its own: one broker in KRaft mode, which is its controller too. */
export class KafkaBroker {
  readonly authority: Authority = createAuthority("an authority");
  readonly #folder: string;
  readonly #ports: Readonly<Record<Listener | "CONTROLLER", number>>;
  #process: ChildProcess | undefined;

  private constructor(ports: KafkaBroker["ports"]) {
    this.#folder = mkdtempSync(join(tmpdir(), "obsvty-kafka-"));
    this.#ports = ports;
  }

  /** `stop` ends it. */
  static async start(): Promise<KafkaBroker> {
    const [controller = 0, ...others] = await Promise.all([...listeners, ""].map(() => freePort()));
    const ports = Object.fromEntries(listeners.map((name, i) => [name, others[i]]));
    const broker = new KafkaBroker({ ...ports, CONTROLLER: controller } as KafkaBroker["ports"]);
    broker.#format();
    await broker.start();
    return broker;
  }

  get ports(): Readonly<Record<Listener | "CONTROLLER", number>> {
    return this.#ports;
  }

  /** As `FORWARD_KAFKA_BROKERS` has it. */
  address(listener: Listener = "PLAINTEXT"): string {
    return `127.0.0.1:${this.#ports[listener]}`;
  }

  /** After a kill too. Resolves when clients are let in. */
  async start(): Promise<void> {
    const child = this.#java(["-Xmx384m"], "kafka.Kafka", [this.#properties]);
    this.#process = child;
    let log = "";
    child.stderr?.on("data", (chunk) => {
      log += chunk;
    });
    while (!(await accepts(this.#ports.PLAINTEXT))) {
      assert.equal(child.exitCode, null, `the broker ended: ${log}`);
    }
  }

  /** Gives it no time to end anything. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await kill(child);
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }

  get #properties(): string {
    return join(this.#folder, "server.properties");
  }

  #format(): void {
    const { cert, key } = this.authority.issue("kafka");
    writeFileSync(join(this.#folder, "server.pem"), `${key}${cert}`);
    writeFileSync(join(this.#folder, "ca.pem"), this.authority.cert);
    writeFileSync(this.#properties, this.#config());
    const scram = mechanisms.flatMap((name) => [
      "--add-scram",
      `${name}=[name="${user.username}",password="${user.password}"]`,
    ]);
    const clusterId = "AAAAAAAAAAAAAAAAAAAAAQ";
    const args = ["format", "-t", clusterId, "-c", this.#properties, ...scram];
    run("java", ["-cp", `${jars}/*`, "kafka.tools.StorageTool", ...args], "Kafka cannot format its folder");
  }

  #config(): string {
    const all = Object.entries(this.#ports).map(([name, port]) => `${name}://127.0.0.1:${port}`);
    const jaas = (listener: string, mechanism: string, kind: string, users = "") =>
      `listener.name.${listener}.${mechanism}.sasl.jaas.config=org.apache.kafka.common.security.${kind} required${users};`;
    const plainUsers = ` user_${user.username}="${user.password}"`;
    return [
      "process.roles=broker,controller",
      "node.id=1",
      `controller.quorum.voters=1@127.0.0.1:${this.#ports.CONTROLLER}`,
      "controller.listener.names=CONTROLLER",
      `listeners=${all.join(",")}`,
      `listener.security.protocol.map=CONTROLLER:PLAINTEXT,${listeners.map((name) => `${name}:${name}`).join(",")}`,
      "inter.broker.listener.name=PLAINTEXT",
      `log.dirs=${join(this.#folder, "data")}`,
      "num.partitions=3",
      // A broker that was killed is let in again when its session has run out.
      "broker.session.timeout.ms=2000",
      "broker.heartbeat.interval.ms=500",
      "offsets.topic.num.partitions=1",
      "offsets.topic.replication.factor=1",
      "group.initial.rebalance.delay.ms=0",
      "ssl.keystore.type=PEM",
      `ssl.keystore.location=${join(this.#folder, "server.pem")}`,
      "ssl.truststore.type=PEM",
      `ssl.truststore.location=${join(this.#folder, "ca.pem")}`,
      "listener.name.ssl.ssl.client.auth=required",
      `sasl.enabled.mechanisms=PLAIN,${mechanisms.join(",")}`,
      ...["sasl_ssl", "sasl_plaintext"].flatMap((listener) => [
        jaas(listener, "plain", "plain.PlainLoginModule", plainUsers),
        ...mechanisms.map((name) => jaas(listener, name.toLowerCase(), "scram.ScramLoginModule")),
      ]),
      "",
    ].join("\n");
  }

  #java(flags: readonly string[], main: string, args: readonly string[]): ChildProcess {
    return spawn("java", [...flags, "-cp", `${jars}/*`, main, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
