import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../interop/collector", import.meta.url));
const binary = join(tmpdir(), "obsvty-interop", "collector");

/** Builds test/interop/collector. Go's own cache makes it fast when nothing changed; the first time it takes minutes. */
export function buildCollector(): void {
  mkdirSync(join(binary, ".."), { recursive: true });
  try {
    execFileSync("go", ["build", "-o", binary, "."], { cwd: source, stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    throw new Error("the Collector cannot be built; it needs Go and its module proxy", { cause });
  }
}

/** A port that was free a moment ago: the Collector has to come back on the same one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The Go Collector as a process of its own, with an OTLP receiver in each of its pipelines. */
export class Collector {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, grpcPort: number, httpPort: number) {
    this.#folder = folder;
    this.grpcPort = grpcPort;
    this.httpPort = httpPort;
  }

  /**
   * @param exporters the YAML of its `exporters`. The default writes a file, which `written` reads.
   */
  static async start(t: TestContext, exporters?: string): Promise<Collector> {
    const folder = mkdtempSync(join(tmpdir(), "obsvty-"));
    const collector = new Collector(folder, await freePort(), await freePort());
    writeFileSync(join(folder, "config.yaml"), collector.#config(exporters));
    t.after(async () => {
      await collector.kill();
      rmSync(folder, { recursive: true });
    });
    await collector.start();
    return collector;
  }

  #config(exporters = this.#fileExporter()): string {
    const names = [...exporters.matchAll(/^ {2}(\S+):/gm)].map(([, name]) => name).join(", ");
    return `
receivers:
  otlp:
    protocols:
      grpc: { endpoint: "127.0.0.1:${this.grpcPort}" }
      http: { endpoint: "127.0.0.1:${this.httpPort}" }
${exporters}
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [${names}] }
    logs: { receivers: [otlp], exporters: [${names}] }
    metrics: { receivers: [otlp], exporters: [${names}] }
`;
  }

  #fileExporter(): string {
    // With a rotation the exporter hands each line to the operating system at once.
    return `exporters:
  file: { path: "${join(this.#folder, "out.json")}", rotation: { max_megabytes: 1000 } }`;
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
