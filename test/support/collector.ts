import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";
import { kill } from "./kill.ts";

const source = fileURLToPath(new URL("../interop/collector", import.meta.url));
export const collectorBinary = join(tmpdir(), "obsvty-interop", "collector");

/**
 * Builds test/interop/collector. Go's own cache makes it fast when nothing changed; the first time it takes minutes.
 */
export function buildCollector(): void {
  mkdirSync(join(collectorBinary, ".."), { recursive: true });
  try {
    execFileSync("go", ["build", "-o", collectorBinary, "."], {
      cwd: source,
      stdio: ["ignore", "ignore", "pipe"],
    });
  } catch (cause) {
    throw new Error("the Collector cannot be built; it needs Go and its module proxy", { cause });
  }
}

export interface CollectorParts {
  /** The YAML of its `exporters`. @default writes a file, which `written` reads */
  readonly exporters?: string;
  /** The YAML of a receiver beside that of OTLP, which every pipeline has then, and profiles have one too. */
  readonly receiver?: string;
  /** A whole configuration, in place of the one that is made here, which finds its ports in variables. */
  readonly file?: { readonly path: string; readonly env: Readonly<Record<string, string>> };
}

/** The Go Collector as a process of its own, with an OTLP receiver in each of its pipelines. */
export class Collector {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly #folder: string;
  #file: CollectorParts["file"];
  #process: ChildProcess | undefined;

  private constructor(folder: string, grpcPort: number, httpPort: number) {
    this.#folder = folder;
    this.grpcPort = grpcPort;
    this.httpPort = httpPort;
  }

  static async start(t: TestContext, parts: CollectorParts = {}): Promise<Collector> {
    const folder = mkdtempSync(join(tmpdir(), "obsvty-"));
    const collector = new Collector(folder, await freePort(), await freePort());
    collector.#file = parts.file;
    writeFileSync(join(folder, "config.yaml"), collector.#config(parts));
    t.after(async () => {
      await collector.kill();
      rmSync(folder, { recursive: true });
    });
    await collector.start();
    return collector;
  }

  #config({ exporters = this.#fileExporter(), receiver = "" }: CollectorParts): string {
    const namesIn = (yaml: string) => [...yaml.matchAll(/^ {2}(\S+):/gm)].map(([, name]) => name).join(", ");
    const pipeline = `{ receivers: [otlp, ${namesIn(receiver)}], exporters: [${namesIn(exporters)}] }`;
    return `
receivers:
  otlp:
    protocols:
      grpc: { endpoint: "127.0.0.1:${this.grpcPort}" }
      http: { endpoint: "127.0.0.1:${this.httpPort}" }
${receiver}
${exporters}
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: ${pipeline}
    logs: ${pipeline}
    metrics: ${pipeline}
    ${receiver === "" ? "" : `profiles: ${pipeline}`}
`;
  }

  #fileExporter(): string {
    // With a rotation the exporter hands each line to the operating system at once.
    return `exporters:
  file: { path: "${join(this.#folder, "out.json")}", rotation: { max_megabytes: 1000 } }`;
  }

  async start(): Promise<void> {
    const config = this.#file?.path ?? join(this.#folder, "config.yaml");
    const args = ["--config", config, "--feature-gates=service.profilesSupport"];
    const ports = {
      COLLECTOR_GRPC: `127.0.0.1:${this.grpcPort}`,
      COLLECTOR_HTTP: `127.0.0.1:${this.httpPort}`,
    };
    const env = { ...process.env, ...ports, ...this.#file?.env };
    const child = spawn(collectorBinary, args, { stdio: ["ignore", "ignore", "pipe"], env });
    this.#process = child;
    let log = "";
    child.stderr.on("data", (chunk) => {
      log += chunk;
    });
    const ended = once(child, "exit");
    while (!log.includes("Everything is ready")) {
      await Promise.race([once(child.stderr, "data"), ended]);
      assert.equal(child.exitCode, null, `the Collector ended: ${log}`);
    }
  }

  /** Gives it no time to end anything. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await kill(child);
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

  items(): { spans: number; logRecords: number; dataPoints: number; profiles: number } {
    const counts = { spans: 0, logRecords: 0, dataPoints: 0, profiles: 0 };
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
