import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildCollector, collectorBinary } from "../support/collector.ts";
import { freePort } from "../support/free-port.ts";
import type { Contender } from "./contenders.ts";
import { JsonLinesProcess } from "./json-lines-process.ts";
import { loadCore, serverCore } from "./proc.ts";
import type { Counts } from "./servers/report.ts";
import { startObsvty, type Target } from "./target.ts";

/** What a server hands on to. It runs on the core of the load, and its work is not counted. */
interface Upstream extends AsyncDisposable {
  readonly port: number;
  readonly counts: () => Promise<Counts>;
}

const shared = {
  protocol: "grpc",
  httpVersion: 2,
  payloads: ["100 spans", "512 spans"],
  runs: "always",
} as const satisfies Partial<Contender>;

/** Servers that receive over gRPC, and hand on what they receive. */
export const forwardContenders = {
  receive: { title: "obsvty, receiving alone", ...shared, start: () => startObsvty(held) },
  otlp: {
    title: "obsvty to OTLP/gRPC",
    ...shared,
    start: () => obsvtyTo("otlp-upstream", (port) => otlp(port, "none")),
  },
  "otlp-gzip": {
    title: "obsvty to OTLP/gRPC, gzip",
    ...shared,
    start: () => obsvtyTo("otlp-upstream", (port) => otlp(port, "gzip")),
  },
  kafka: {
    title: "obsvty to Kafka",
    ...shared,
    start: () =>
      obsvtyTo("kafka-upstream", (port) => ({
        FORWARD_KAFKA_BROKERS: `127.0.0.1:${port}`,
        FORWARD_KAFKA_POLICY: "lossless",
      })),
  },
  file: { title: "obsvty to a file", ...shared, start: obsvtyToFile },
  "collector-receive": {
    title: "Go Collector, receiving alone",
    ...shared,
    start: () => collectorTo(undefined, () => "nop: {}"),
  },
  "collector-otlp": {
    title: "Go Collector to OTLP/gRPC",
    ...shared,
    start: () => collectorTo("otlp-upstream", (port) => otlpExporter(port, "none")),
  },
  "collector-otlp-batch": {
    title: "Go Collector to OTLP/gRPC, batch processor",
    ...shared,
    start: () => collectorTo("otlp-upstream", (port) => otlpExporter(port, "none"), "batch"),
  },
  "collector-otlp-gzip": {
    title: "Go Collector to OTLP/gRPC, gzip",
    ...shared,
    start: () => collectorTo("otlp-upstream", (port) => otlpExporter(port, "gzip")),
  },
  "collector-kafka": {
    title: "Go Collector to Kafka",
    ...shared,
    start: () =>
      collectorTo("kafka-upstream", (port) => `kafka: { brokers: ["127.0.0.1:${port}"], ${queue} }`),
  },
} as const satisfies Record<string, Contender>;

export type ForwardContenderName = keyof typeof forwardContenders;

/** Room for what waits to be handed on. A server that only receives has it too, since more memory costs more. */
export const held = { MAX_BUFFER_SIZE: "300000", MAX_BUFFER_BYTES: `${256 * 2 ** 20}` } as const;

export function otlp(port: number, compression: "none" | "gzip"): Record<string, string> {
  return {
    FORWARD_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    FORWARD_OTLP_COMPRESSION: compression,
    FORWARD_OTLP_POLICY: "lossless",
  };
}

/** As `lossless`: an export waits rather than that anything is dropped. */
const queue = "sending_queue: { block_on_overflow: true }";

function otlpExporter(port: number, compression: "none" | "gzip"): string {
  return `otlp: { endpoint: "127.0.0.1:${port}", tls: { insecure: true }, compression: ${compression}, ${queue} }`;
}

const servers = fileURLToPath(new URL("servers/", import.meta.url));

export async function startUpstream(name: string): Promise<Upstream> {
  const child = new JsonLinesProcess([process.execPath, `${servers}${name}.ts`], { core: loadCore });
  const { port } = await child.next<{ port: number }>();
  return {
    port,
    counts: () => child.ask<Counts>("counts"),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

async function obsvtyTo(
  name: string,
  settings: (port: number) => Readonly<Record<string, string>>,
): Promise<Target> {
  const upstream = await startUpstream(name);
  return behind(await startObsvty({ ...held, ...settings(upstream.port) }), upstream);
}

async function obsvtyToFile(): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "obsvty-bench-"));
  const file = join(folder, "telemetry.jsonl");
  const settings = {
    FORWARD_FILE: file,
    FORWARD_FILE_MAX_FILES: "100000",
    FORWARD_FILE_POLICY: "lossless",
  } as const;
  const written = new WrittenSpans(folder, file);
  return behind(await startObsvty({ ...held, ...settings }), {
    port: 0,
    counts: async () => ({ items: written.count() }),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
  });
}

/** Counts the spans in a file of JSON lines, and in those that were put aside, which it deletes. */
class WrittenSpans {
  readonly #folder: string;
  readonly #file: string;
  #counted = 0;
  #current = { inode: 0, at: 0 };

  constructor(folder: string, file: string) {
    this.#folder = folder;
    this.#file = file;
  }

  count(): number {
    // Those put aside have a time in their names, and sort before the one that is written now.
    for (const name of readdirSync(this.#folder).sort()) {
      const path = join(this.#folder, name);
      const { ino, size } = statSync(path);
      const at = ino === this.#current.inode ? this.#current.at : 0;
      const lines = readRange(path, at, size);
      const end = lines.lastIndexOf("\n") + 1;
      this.#counted += spansIn(lines.subarray(0, end));
      if (path === this.#file) this.#current = { inode: ino, at: at + end };
      else rmSync(path);
    }
    return this.#counted;
  }
}

function readRange(path: string, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  const file = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}

function spansIn(lines: Buffer): number {
  let count = 0;
  for (let at = lines.indexOf(spanKey); at !== -1; at = lines.indexOf(spanKey, at + 1)) count += 1;
  return count;
}

/** Each span has one, and nothing else in a request of traces. */
const spanKey = '"startTimeUnixNano":';

/** The interop tests' Collector, which is built with Go. */
async function collectorTo(
  name: string | undefined,
  exporter: (port: number) => string,
  processor?: string,
): Promise<Target> {
  buildCollector();
  const upstream = name === undefined ? undefined : await startUpstream(name);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "obsvty-bench-"));
  const config = join(folder, "config.yaml");
  const exporters = exporter(upstream?.port ?? 0);
  writeFileSync(
    config,
    `receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${port}" } } } }
processors: { batch: {} }
exporters:
  ${exporters}
service:
  telemetry: { metrics: { level: none }, logs: { level: error } }
  pipelines:
    traces: { receivers: [otlp], processors: [${processor ?? ""}], exporters: [${exporters.split(":")[0]}] }
`,
  );
  const child = new JsonLinesProcess([collectorBinary, "--config", config], {
    core: serverCore,
    env: { GOMAXPROCS: "1" },
  });
  await reachable(port);
  const target: Target = {
    pid: child.pid,
    port,
    counts: async () => ({}),
    [Symbol.asyncDispose]: async () => {
      await child[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
  return upstream === undefined ? target : behind(target, upstream);
}

const patienceMs = 30_000;
const pollMs = 20;

async function reachable(port: number): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await setTimeout(pollMs)) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** A server that counts as served only what has arrived behind it. */
export function behind(server: Target, upstream: Upstream): Target {
  return {
    pid: server.pid,
    port: server.port,
    counts: async (items = 0) => {
      const end = Date.now() + patienceMs;
      for (;;) {
        const arrived = (await upstream.counts()).items ?? 0;
        if (arrived >= items || Date.now() > end) return { items: arrived };
        await setTimeout(pollMs);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}
