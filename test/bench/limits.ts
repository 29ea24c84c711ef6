import { setTimeout as wait } from "node:timers/promises";
import { ROW_BYTES } from "../../src/otlp/scan/layout.ts";
import { JsonLinesProcess } from "./json-lines-process.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import { median, startLoad } from "./measure.ts";
import { pinSelf, residentBytes } from "./proc.ts";
import { describeMachine, writeResult } from "./results.ts";
import { formatTable, mebibytes } from "./table.ts";
import { buildObsvty, getStats, obsvtyCommand, obsvtyEnv, startObsvty } from "./target.ts";

/** What the server may hold: kept telemetry, and requests being read. */
const settings = { MAX_BUFFER_BYTES: 128 * 2 ** 20, MAX_INFLIGHT_BYTES: 64 * 2 ** 20 } as const;
const seconds = 15;
const payload = "512 spans";

/** A full ring and twice the load that one core serves. */
async function overload() {
  await using server = await startObsvty({
    ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
    MAX_BUFFER_SIZE: "1000000",
    LOG_LEVEL: "info",
  });
  await using load = startLoad();
  const job = {
    port: server.port,
    protocol: "grpc",
    httpVersion: 2,
    payload,
    connections: 32,
    streams: 64,
  } as const;
  const send = (pace: LoadJob["pace"]) => load.ask<LoadResult>({ ...job, pace, readStatus: true });
  await send({ kind: "closed", requests: 500 });
  const { elapsedMs } = await send({ kind: "closed", requests: 3000 });
  const perSecond = Math.round((2 * 3000) / (elapsedMs / 1000));
  const atRest = residentBytes(server.pid, "now");
  const result = await send({ kind: "open", perSecond, seconds });
  const peak = residentBytes(server.pid, "peak");
  const traces = (await getStats(server.port)).signals.traces!;
  // A row and a trace key an item.
  const indexBytes = Number(traces.items) * (ROW_BYTES + 4);
  return { perSecond, atRest, peak, indexBytes, evicted: Number(traces.evicted), ...result };
}

/** From the start of the process to the answer to its first export, and what it then holds. */
async function startTime() {
  const timesMs: number[] = [];
  let resident = 0;
  for (let round = 0; round < 9; round++) {
    const began = performance.now();
    await using child = new JsonLinesProcess(obsvtyCommand(), { env: obsvtyEnv });
    const { grpc } = await child.nextWith<"grpc", string>("grpc");
    const response = await fetch(
      `http://${grpc}/opentelemetry.proto.collector.trace.v1.TraceService/Export`,
      {
        method: "POST",
        headers: { "content-type": "application/proto" },
      },
    );
    if (response.status !== 200) throw new Error(`the first export got ${response.status}`);
    timesMs.push(performance.now() - began);
    await wait(0);
    resident = residentBytes(child.pid, "now");
  }
  return { medianMs: median(timesMs), worstMs: Math.max(...timesMs), resident };
}

buildObsvty();
const start = await startTime();
pinSelf();
const over = await overload();
const bounds = settings.MAX_BUFFER_BYTES + settings.MAX_INFLIGHT_BYTES;
process.stdout.write(
  `${formatTable(
    ["", "measured"],
    [
      ["from start to first export, median ms", start.medianMs.toFixed(0)],
      ["from start to first export, worst ms", start.worstMs.toFixed(0)],
      ["resident after start", mebibytes(start.resident)],
      ["load, requests/s, twice what was served", String(over.perSecond)],
      ["sent", String(over.sent)],
      ["served", String(over.succeeded)],
      ["not served, by status", JSON.stringify(over.failures)],
      ["never sent, no free stream", String(over.unsent)],
      ["both bounds together", mebibytes(bounds)],
      ["resident, most", mebibytes(over.peak)],
      ["over the bounds", mebibytes(over.peak - bounds)],
      ["of it index of the spans held", mebibytes(over.indexBytes)],
    ],
  )}\nwritten to ${writeResult("limits", { machine: describeMachine(), start, over })}\n`,
);
