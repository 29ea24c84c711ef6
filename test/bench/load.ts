import { createInterface } from "node:readline";
import type { Connection, Reply } from "./connection.ts";
import { type ExportCall, exportHeaders, frameExport, isSuccess } from "./export-call.ts";
import { H1Connection } from "./h1-connection.ts";
import { H2Connection } from "./h2-connection.ts";
import { findGrpcStatus } from "./hpack.ts";
import { encodeBodies, type PayloadName, payloads } from "./payloads.ts";

// The load generator, a process of its own: a job is a line of JSON on stdin, its result one on stdout.

export interface LoadJob extends ExportCall {
  readonly port: number;
  readonly payload: PayloadName;
  readonly connections: number;
  /** Calls open at once on one connection; over HTTP/1.1 each has a connection of its own. */
  readonly streams: number;
  /**
   * `closed`: this many requests, the next when one is answered. `open`: one every so often, whether or not
   * others are answered, with latency counted from when it was due.
   */
  readonly pace:
    | { readonly kind: "closed"; readonly requests: number }
    | { readonly kind: "open"; readonly perSecond: number; readonly seconds: number };
  /** Reads the gRPC status of failures; Node servers only. @default false */
  readonly readStatus?: boolean;
}

export interface LoadResult {
  readonly sent: number;
  readonly succeeded: number;
  /** What was not a plain success, by gRPC status ("14 with details"), or "reset" or "failed". */
  readonly failures: Readonly<Record<string, number>>;
  /** Due, but never sent because more than a second's worth was waiting for a free stream. */
  readonly unsent: number;
  readonly elapsedMs: number;
  readonly latencyMs: Readonly<Record<"p50" | "p95" | "p99" | "max", number>>;
}

const framedBodies = new Map<string, readonly Uint8Array[]>();

function bodiesFor({ payload, protocol }: LoadJob): readonly Uint8Array[] {
  const key = `${payload} ${protocol}`;
  let bodies = framedBodies.get(key);
  if (bodies === undefined) {
    const chosen = payloads[payload];
    const encoding = protocol === "http-json" ? "json" : "protobuf";
    bodies = encodeBodies(chosen, encoding).map((body) => frameExport(protocol, body, chosen));
    framedBodies.set(key, bodies);
  }
  return bodies;
}

async function run(job: LoadJob): Promise<LoadResult> {
  const { port, protocol, pace } = job;
  const bodies = bodiesFor(job);
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  const all = Promise.withResolvers<void>();
  let sent = 0;
  let replied = 0;
  let unsent = 0;
  let scheduled = false;

  const onReply = (reply: Reply): void => {
    replied += 1;
    latencies.push(performance.now() - reply.dueMs);
    if (reply.failure !== undefined || !isSuccess(protocol, reply.dataBytes, payloads[job.payload])) {
      const kind = nameFailure(reply, job);
      failures[kind] = (failures[kind] ?? 0) + 1;
    }
    if (pace.kind === "closed") {
      // Replies of one read are answered by one write.
      if (!scheduled && sent < pace.requests) {
        scheduled = true;
        queueMicrotask(refill);
      }
      if (replied === pace.requests) all.resolve();
    }
  };
  const headers = exportHeaders(protocol, port, payloads[job.payload]);
  const options = { port, headers, onReply, plainHeaders: job.readStatus ?? false };
  const multiplexed = job.httpVersion === 2;
  const streams = multiplexed ? job.streams : 1;
  const connections: Connection[] = await Promise.all(
    Array.from({ length: multiplexed ? job.connections : job.connections * job.streams }, () =>
      multiplexed ? H2Connection.open(options) : H1Connection.open(options),
    ),
  );

  const sendOn = (connection: Connection, dueMs: number): void => {
    connection.send(bodies[sent % bodies.length]!, dueMs);
    sent += 1;
  };
  const flush = (): void => {
    for (const connection of connections) connection.flush();
  };
  const refill = (): void => {
    if (pace.kind !== "closed") return;
    scheduled = false;
    for (const connection of connections) {
      while (connection.open < streams && sent < pace.requests) sendOn(connection, performance.now());
    }
    flush();
  };
  /** Spins, since timers of a millisecond would send in bursts: the generator has a core for itself. */
  const tick = (): void => {
    if (pace.kind !== "open") return;
    const now = performance.now();
    const everyMs = 1000 / pace.perSecond;
    const total = Math.floor(pace.perSecond * pace.seconds);
    let next = sent + unsent;
    while (next < total && startMs + next * everyMs <= now) {
      const connection = connections.find(({ open }) => open < streams);
      if (connection !== undefined) {
        // In turn: the one just used goes to the end.
        connections.push(...connections.splice(connections.indexOf(connection), 1));
        sendOn(connection, startMs + next * everyMs);
      } else if (now - (startMs + next * everyMs) > 1000) {
        unsent += 1;
      } else {
        break;
      }
      next += 1;
    }
    flush();
    if (next < total || replied < sent) setImmediate(tick);
    else all.resolve();
  };

  const startMs = performance.now();
  if (pace.kind === "closed") refill();
  else tick();
  await all.promise;
  const elapsedMs = performance.now() - startMs;
  for (const connection of connections) connection.close();
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return { sent, succeeded: sent - failed, failures, unsent, elapsedMs, latencyMs: percentiles(latencies) };
}

function nameFailure(reply: Reply, job: LoadJob): string {
  if (reply.failure !== undefined) return reply.failure;
  const status = job.readStatus ? findGrpcStatus(reply.lastBlock) : undefined;
  return status === undefined ? "failed" : `${status.code}${status.details ? " with details" : ""}`;
}

function percentiles(latencies: readonly number[]): LoadResult["latencyMs"] {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

if (import.meta.main) {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await run(JSON.parse(line) as LoadJob))}\n`);
  }
}
