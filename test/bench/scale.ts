import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { freePort } from "../support/free-port.ts";
import { JsonLinesProcess } from "./json-lines-process.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import { median } from "./measure.ts";
import { type PayloadName, payloads } from "./payloads.ts";
import { cpuMicros } from "./proc.ts";
import { describeMachine, writeResult } from "./results.ts";
import { digits, formatTable } from "./table.ts";
import { buildObsvty, type ObsvtyTarget, obsvtyCommand, startObsvty } from "./target.ts";

/*
 * One server and two on one port, by REUSE_PORT. Nothing is bound to a core: servers and load share all of them, as
 * the processes of a machine do, and the CPU of each is told.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    out: { type: "string", default: "scale-latest" },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
/** The system shares connections out by a hash: of many, each server gets about the same number. */
const exporters = { connections: 32, streams: 4 } as const;
const payloadNames = ["1 span", "100 spans", "512 spans"] as const satisfies readonly PayloadName[];

/** Linux moves processes only among these. */
const everyCore = ["taskset", "-c", "0-1023"];

interface ScaleCase {
  readonly servers: number;
  readonly payload: PayloadName;
  readonly requestsPerSecond: number;
  readonly itemsPerSecond: number;
  readonly serverMicrosPerRequest: number;
  readonly loadMicrosPerRequest: number;
  /** Cores that were busy with servers, and with the load. */
  readonly serverCores: number;
  readonly loadCores: number;
  /** Of the items, what the server got that got least. */
  readonly leastShare: number;
}

async function startServers(count: number) {
  const stack = new AsyncDisposableStack();
  const port = String(await freePort());
  const servers: ObsvtyTarget[] = [];
  for (let i = 0; i < count; i++) {
    // Each has a second port of its own, by which it is asked what it got.
    const settings = {
      OTLP_GRPC_PORT: "0",
      OTLP_HTTP_PORT: port,
      REUSE_PORT: "true",
      MAX_CONNECTIONS_PER_CLIENT: "1024",
    };
    servers.push(stack.use(await startObsvty(settings, [...everyCore, ...obsvtyCommand()])));
  }
  return { servers, port: Number(port), stack };
}

async function measure(count: number, load: JsonLinesProcess, payload: PayloadName): Promise<ScaleCase> {
  const { servers, port, stack } = await startServers(count);
  await using _ = stack;
  const send = (requests: number) => {
    const pace = { kind: "closed", requests } as const;
    const job: LoadJob = { port, protocol: "grpc", httpVersion: 2, payload, ...exporters, pace };
    return load.ask<LoadResult>(job);
  };
  const itemsOf = () => Promise.all(servers.map(async (server) => (await server.counts()).items ?? 0));
  const cpuOf = () => servers.reduce((sum, { pid }) => sum + cpuMicros(pid), 0);
  let requests = 256;
  for (let elapsedMs = 0; elapsedMs < seconds * 500; requests *= 2) ({ elapsedMs } = await send(requests));
  const runs: { elapsedMs: number; cpu: number; loadCpu: number; leastShare: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = { items: await itemsOf(), cpu: cpuOf(), load: cpuMicros(load.pid) };
    const { succeeded, elapsedMs } = await send(requests);
    const cpu = cpuOf() - before.cpu;
    const loadCpu = cpuMicros(load.pid) - before.load;
    const items = (await itemsOf()).map((now, i) => now - before.items[i]!);
    const arrived = items.reduce((sum, one) => sum + one, 0);
    if (succeeded !== requests || arrived !== requests * payloads[payload].items)
      throw new Error(`${payload}: of ${requests} requests ${succeeded} succeeded, ${arrived} items arrived`);
    runs.push({ elapsedMs, cpu, loadCpu, leastShare: Math.min(...items) / arrived });
  }
  const of = (figure: (run: (typeof runs)[number]) => number) => median(runs.map(figure));
  const requestsPerSecond = of(({ elapsedMs }) => requests / (elapsedMs / 1_000));
  return {
    servers: count,
    payload,
    requestsPerSecond,
    itemsPerSecond: requestsPerSecond * payloads[payload].items,
    serverMicrosPerRequest: of(({ cpu }) => cpu / requests),
    loadMicrosPerRequest: of(({ loadCpu }) => loadCpu / requests),
    serverCores: of(({ cpu, elapsedMs }) => cpu / 1_000 / elapsedMs),
    loadCores: of(({ loadCpu, elapsedMs }) => loadCpu / 1_000 / elapsedMs),
    leastShare: of(({ leastShare }) => leastShare),
  };
}

buildObsvty();
const script = fileURLToPath(new URL("load.ts", import.meta.url));
await using load = new JsonLinesProcess([process.execPath, script]);
const cases: ScaleCase[] = [];
for (const payload of payloadNames) {
  for (const count of [1, 2]) cases.push(await measure(count, load, payload));
}
const rows = cases.map((one) => [
  `${one.payload}, ${one.servers}`,
  digits(one.requestsPerSecond),
  digits(one.itemsPerSecond),
  digits(one.serverMicrosPerRequest),
  digits(one.loadMicrosPerRequest),
  one.serverCores.toFixed(2),
  one.loadCores.toFixed(2),
  one.leastShare.toFixed(2),
]);
const header = [
  "payload, servers",
  "requests/s",
  "spans/s",
  "us/request",
  "load us/request",
  "cores",
  "load's cores",
  "least share",
];
process.stdout.write(`${formatTable(header, rows)}\n`);
process.stderr.write(
  `written to ${writeResult(values.out, { machine: describeMachine(), rounds, cases })}\n`,
);
