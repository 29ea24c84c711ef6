import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExportCall } from "./export-call.ts";
import { type PayloadName, payloadNames } from "./payloads.ts";
import { buildObsvty, obsvtyCommand, startObsvty, startPeer, type Target } from "./target.ts";

/** A server that takes part, asked in one protocol. */
export interface Contender extends ExportCall {
  readonly title: string;
  readonly payloads: readonly PayloadName[];
  /** When it takes part without being named by `--only`. */
  readonly runs: "always" | "not in --quick" | "with --before";
  /**
   * @param before the checkout that `--before` names
   * @throws Error saying what is missing on this machine
   */
  readonly start: (before: string | undefined) => Promise<Target>;
}

const spans = ["1 span", "100 spans", "512 spans"] as const satisfies readonly PayloadName[];
const threeSignals: readonly PayloadName[] = [...spans, "512 logs", "512 points"];
const withGzip: readonly PayloadName[] = [...threeSignals, "100 spans, gzip", "512 spans, gzip"];

const grpc: ExportCall = { protocol: "grpc", httpVersion: 2 };
const json: ExportCall = { protocol: "http-json", httpVersion: 1 };
const http1: ExportCall = { protocol: "http", httpVersion: 1 };
const always = { runs: "always", start: () => startObsvty() } as const;
const before = { payloads: spans, runs: "with --before", start: startBefore } as const;

export const contenders = {
  floor: {
    title: "node:http2 floor",
    ...grpc,
    payloads: payloadNames,
    runs: "always",
    start: () => startNode("floor"),
  },
  grpc: { title: "obsvty, gRPC", ...grpc, payloads: payloadNames, ...always },
  "before-grpc": { title: "obsvty before, gRPC", ...grpc, ...before },
  http: { title: "obsvty, OTLP/HTTP", protocol: "http", httpVersion: 2, payloads: payloadNames, ...always },
  "before-http": { title: "obsvty before, OTLP/HTTP", protocol: "http", httpVersion: 2, ...before },
  http1: { title: "obsvty, OTLP/HTTP, HTTP/1.1", ...http1, payloads: withGzip, ...always },
  "before-http1": { title: "obsvty before, OTLP/HTTP, HTTP/1.1", ...http1, ...before },
  json: { title: "obsvty, OTLP/JSON, HTTP/1.1", ...json, payloads: withGzip, ...always },
  "before-json": { title: "obsvty before, OTLP/JSON, HTTP/1.1", ...json, ...before },
  "grpc-web": { title: "obsvty, gRPC-Web", protocol: "grpc-web", httpVersion: 2, payloads: spans, ...always },
  "before-grpc-web": { title: "obsvty before, gRPC-Web", protocol: "grpc-web", httpVersion: 2, ...before },
  connect: { title: "obsvty, Connect", protocol: "connect", httpVersion: 2, payloads: spans, ...always },
  "before-connect": { title: "obsvty before, Connect", protocol: "connect", httpVersion: 2, ...before },
  "grpc-js": {
    title: "grpc-js + protobufjs",
    ...grpc,
    payloads: threeSignals,
    runs: "always",
    start: () => startNode("grpc-js-decode"),
  },
  "grpc-js-bytes": {
    title: "grpc-js, bytes kept",
    ...grpc,
    payloads: spans,
    runs: "always",
    start: () => startNode("grpc-js-bytes"),
  },
  "connect-fastify": {
    title: "Connect on Fastify",
    ...grpc,
    payloads: spans,
    runs: "always",
    start: () => startNode("connect-fastify"),
  },
  python: {
    title: "Python grpcio",
    ...grpc,
    payloads: threeSignals,
    runs: "not in --quick",
    start: startPython,
  },
  collector: {
    title: "Go Collector receiver, gRPC",
    ...grpc,
    payloads: withGzip,
    runs: "not in --quick",
    start: () => startCollector("grpc"),
  },
  "collector-http1": {
    title: "Go Collector receiver, OTLP/HTTP, HTTP/1.1",
    ...http1,
    payloads: withGzip,
    runs: "not in --quick",
    start: () => startCollector("http"),
  },
  "collector-json": {
    title: "Go Collector receiver, OTLP/JSON, HTTP/1.1",
    ...json,
    payloads: withGzip,
    runs: "not in --quick",
    start: () => startCollector("http"),
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

async function startCollector(protocol: "grpc" | "http"): Promise<Target> {
  const binary = join(cache, "collector");
  // Go's own cache makes this fast when nothing changed.
  run("go", ["build", "-C", `${servers}collector`, "-o", binary, "."]);
  return startPeer([binary, protocol], { GOMAXPROCS: "1" });
}

let builtBefore: string | undefined;

/** obsvty as another checkout builds it, with its packages installed. */
async function startBefore(checkout: string | undefined): Promise<Target> {
  if (checkout === undefined) throw new Error("name its checkout by --before");
  if (builtBefore !== checkout) buildObsvty(checkout);
  builtBefore = checkout;
  return startObsvty({}, obsvtyCommand([], checkout));
}

function run(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    throw new Error(`\`${command} ${args.slice(0, 3).join(" ")}\` failed or is not there`, { cause });
  }
}
