import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Signal } from "../../src/domain/signal.ts";
import { signalTraits } from "../../src/domain/signal.ts";
import { encode, requestOf, spansOf } from "../contract/store-requests.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

// The Go Collector, with its OTLP receiver and file exporter, as what telemetry is handed on to.

const source = fileURLToPath(new URL("collector", import.meta.url));
const binary = join(tmpdir(), "obsvty-interop", "collector");

before(
  () => {
    mkdirSync(join(binary, ".."), { recursive: true });
    try {
      // Go's own cache makes this fast when nothing changed; the first time it takes minutes.
      execFileSync("go", ["build", "-o", binary, "."], { cwd: source, stdio: ["ignore", "ignore", "pipe"] });
    } catch (cause) {
      throw new Error("the Collector cannot be built; it needs Go and its module proxy", { cause });
    }
  },
  { timeout: 900_000 },
);

/** A port that was free a moment ago: the Collector has to come back on the same one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

class Collector {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, grpcPort: number, httpPort: number) {
    this.#folder = folder;
    this.grpcPort = grpcPort;
    this.httpPort = httpPort;
  }

  static async start(t: TestContext): Promise<Collector> {
    const folder = mkdtempSync(join(tmpdir(), "obsvty-"));
    const collector = new Collector(folder, await freePort(), await freePort());
    writeFileSync(join(folder, "config.yaml"), collector.#config());
    t.after(async () => {
      await collector.kill();
      rmSync(folder, { recursive: true });
    });
    await collector.start();
    return collector;
  }

  #config(): string {
    // With a rotation the exporter hands each line to the operating system at once.
    return `
receivers:
  otlp:
    protocols:
      grpc: { endpoint: "127.0.0.1:${this.grpcPort}" }
      http: { endpoint: "127.0.0.1:${this.httpPort}" }
exporters:
  file: { path: "${join(this.#folder, "out.json")}", rotation: { max_megabytes: 1000 } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [file] }
    logs: { receivers: [otlp], exporters: [file] }
    metrics: { receivers: [otlp], exporters: [file] }
`;
  }

  async start(): Promise<void> {
    const config = join(this.#folder, "config.yaml");
    const child = spawn(binary, ["--config", config], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    let log = "";
    child.stderr.on("data", (chunk) => {
      log += chunk;
    });
    while (!log.includes("Everything is ready")) {
      await Promise.race([
        once(child.stderr, "data"),
        once(child, "exit").then(() => assert.fail(`the Collector ended: ${log}`)),
      ]);
    }
  }

  /** Gives it no time to end anything. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** What it wrote, a request a line. A last line that is torn is left out. */
  written(): string[] {
    try {
      const text = readFileSync(join(this.#folder, "out.json"), "utf8");
      return text.split("\n").slice(0, -1);
    } catch {
      return [];
    }
  }

  items(): { spans: number; logRecords: number; dataPoints: number } {
    const counts = { spans: 0, logRecords: 0, dataPoints: 0 };
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key in counts && Array.isArray(inner)) counts[key as keyof typeof counts] += inner.length;
        else visit(inner);
      }
    };
    for (const line of this.written()) visit(JSON.parse(line));
    return counts;
  }

  spanIds(): Set<string> {
    const ids = this.written().flatMap((line) => [...line.matchAll(/"spanId":"([0-9a-f]{16})"/g)]);
    return new Set(ids.map(([, id = ""]) => id));
  }
}

async function post(server: TestServer, signal: Signal, body: Uint8Array): Promise<number> {
  const reply = await fetch(`${server.url}${signalTraits[signal].httpPath}`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: new Uint8Array(body),
  });
  return reply.status;
}

describe("the Collector as an upstream", () => {
  for (const [protocol, compression] of [
    ["grpc", "gzip"],
    ["grpc", "zstd"],
    ["grpc", "none"],
    ["http/protobuf", "gzip"],
    ["http/protobuf", "zstd"],
    ["http/protobuf", "none"],
  ] as const) {
    test(`ends up with every item, by ${protocol} with ${compression}`, async (t) => {
      const collector = await Collector.start(t);
      const port = protocol === "grpc" ? collector.grpcPort : collector.httpPort;
      const server = await startObsvty(t, {
        settings: {
          FORWARD_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
          FORWARD_OTLP_PROTOCOL: protocol,
          FORWARD_OTLP_COMPRESSION: compression,
        },
      });
      for (let i = 0; i < 40; i++) {
        for (const signal of ["traces", "logs", "metrics"] as const) {
          assert.equal(
            await post(server, signal, encode(signal, requestOf(signal, 25, { seed: i + 1 }))),
            200,
          );
        }
      }
      const { sinks } = await eventually("all is delivered", async () => {
        const stats = await query(server, "GetStats");
        return stats.sinks.otlp.backlogItems === "0" ? stats : undefined;
      });
      assert.deepEqual([sinks.otlp.delivered, sinks.otlp.refused], ["3000", "0"]);
      assert.deepEqual(collector.items(), { spans: 1_000, logRecords: 1_000, dataPoints: 1_000 });
    });
  }

  test("takes no profiles, which are refused and counted", async (t) => {
    const collector = await Collector.start(t);
    const server = await startObsvty(t, {
      settings: { FORWARD_OTLP_ENDPOINT: `http://127.0.0.1:${collector.grpcPort}` },
    });
    await post(server, "profiles", encode("profiles", requestOf("profiles", 4)));
    const otlp = await eventually("they are refused", async () => {
      const { sinks } = await query(server, "GetStats");
      return sinks.otlp.refused === "4" ? sinks.otlp : undefined;
    });
    assert.equal(otlp.lastFailure, "UNIMPLEMENTED");
  });

  for (const policy of ["confirmed", "lossless"] as const) {
    test(`has every acknowledged span after it was killed under load, with ${policy}`, async (t) => {
      const collector = await Collector.start(t);
      const server = await startObsvty(t, {
        settings: {
          FORWARD_OTLP_ENDPOINT: `http://127.0.0.1:${collector.grpcPort}`,
          FORWARD_OTLP_POLICY: policy,
          REQUEST_TIMEOUT_MS: "3000",
          MAX_BUFFER_SIZE: "2000",
        },
      });
      const acknowledged = new Set<string>();
      let sent = 0;
      let isSending = true;
      const sender = async () => {
        while (isSending) {
          const request = spansOf(5, { seed: ++sent });
          const ids = request.resourceSpans[0]!.scopeSpans[0]!.spans.map(({ spanId }) =>
            Buffer.from(spanId).toString("hex"),
          );
          if ((await post(server, "traces", encode("traces", request))) !== 200) continue;
          for (const id of ids) acknowledged.add(id);
        }
      };
      const senders = Array.from({ length: 8 }, sender);
      for (let round = 1; round <= 3; round++) {
        const before = acknowledged.size;
        await eventually("spans are acknowledged", () => acknowledged.size > before + 200 || undefined);
        await collector.kill();
        await collector.start();
      }
      isSending = false;
      await Promise.all(senders);
      await eventually("all is delivered", async () => {
        const { sinks } = await query(server, "GetStats");
        return sinks.otlp.backlogItems === "0" || undefined;
      });
      const written = collector.spanIds();
      assert.deepEqual(
        [...acknowledged].filter((id) => !written.has(id)),
        [],
      );
      const { sinks } = await query(server, "GetStats");
      assert.equal(sinks.otlp.missed, "0");
      t.diagnostic(`${acknowledged.size} spans acknowledged, ${written.size} written, ${sent} requests sent`);
    });
  }
});
