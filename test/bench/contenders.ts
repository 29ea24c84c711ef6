import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExportProtocol } from "./export-call.ts";
import { type PayloadName, payloadNames } from "./payloads.ts";
import { startObsvty, startPeer, type Target } from "./target.ts";

/** A server that takes part. */
export interface Contender {
  readonly title: string;
  readonly protocol: ExportProtocol;
  readonly payloads: readonly PayloadName[];
  /** Part of `--quick`. */
  readonly quick: boolean;
  /** @throws Error saying what is missing on this machine */
  readonly start: () => Promise<Target>;
}

const spans: readonly PayloadName[] = ["1 span", "100 spans", "512 spans"];
const uncompressed = payloadNames.filter((name) => !name.includes("gzip"));

export const contenders = {
  floor: {
    title: "node:http2 floor",
    protocol: "grpc",
    payloads: payloadNames,
    quick: true,
    start: () => startNode("floor"),
  },
  grpc: {
    title: "obsvty, gRPC",
    protocol: "grpc",
    payloads: payloadNames,
    quick: true,
    start: () => startObsvty(),
  },
  http: {
    title: "obsvty, OTLP/HTTP",
    protocol: "http",
    payloads: payloadNames,
    quick: true,
    start: () => startObsvty(),
  },
  "grpc-web": {
    title: "obsvty, gRPC-Web",
    protocol: "grpc-web",
    payloads: spans,
    quick: true,
    start: () => startObsvty(),
  },
  connect: {
    title: "obsvty, Connect",
    protocol: "connect",
    payloads: spans,
    quick: true,
    start: () => startObsvty(),
  },
  "grpc-js": {
    title: "grpc-js + protobufjs",
    protocol: "grpc",
    payloads: [...spans, "512 logs", "512 points"],
    quick: true,
    start: () => startNode("grpc-js-decode"),
  },
  "grpc-js-bytes": {
    title: "grpc-js, bytes kept",
    protocol: "grpc",
    payloads: spans,
    quick: true,
    start: () => startNode("grpc-js-bytes"),
  },
  "connect-fastify": {
    title: "Connect on Fastify",
    protocol: "grpc",
    payloads: spans,
    quick: true,
    start: () => startNode("connect-fastify"),
  },
  python: {
    title: "Python grpcio",
    protocol: "grpc",
    payloads: [...spans, "512 logs", "512 points"],
    quick: false,
    start: startPython,
  },
  collector: {
    title: "Go Collector receiver",
    protocol: "grpc",
    payloads: uncompressed,
    quick: false,
    start: startCollector,
  },
} as const satisfies Record<string, Contender>;

export type ContenderName = keyof typeof contenders;

const servers = fileURLToPath(new URL("servers/", import.meta.url));
/** What is built or installed for the bench alone, kept from run to run. */
const cache = join(tmpdir(), "obsvty-bench");

function startNode(name: string): Promise<Target> {
  return startPeer([process.execPath, `${servers}${name}.ts`]);
}

async function startPython(): Promise<Target> {
  const environment = join(cache, "python");
  const python = join(environment, "bin", "python");
  if (!existsSync(join(environment, "ready"))) {
    run("python3", ["-m", "venv", environment]);
    run(python, ["-m", "pip", "install", "--quiet", "grpcio", "opentelemetry-proto"]);
    mkdirSync(join(environment, "ready"));
  }
  return startPeer([python, `${servers}python_grpcio.py`]);
}

async function startCollector(): Promise<Target> {
  const binary = join(cache, "collector");
  // Go's own cache makes this fast when nothing changed.
  run("go", ["build", "-C", `${servers}collector`, "-o", binary, "."]);
  return startPeer([binary], { GOMAXPROCS: "1" });
}

function run(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    throw new Error(`\`${command} ${args.slice(0, 3).join(" ")}\` failed or is not there`, { cause });
  }
}
