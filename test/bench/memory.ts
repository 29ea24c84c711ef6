import type { ExportCall } from "./export-call.ts";
import type { LoadResult } from "./load.ts";
import { startLoad } from "./measure.ts";
import { pinSelf, residentBytes } from "./proc.ts";
import { describeMachine, writeResult } from "./results.ts";
import { formatTable, mebibytes } from "./table.ts";
import { buildObsvty, startObsvty } from "./target.ts";

const calls: Readonly<Record<string, ExportCall>> = {
  gRPC: { protocol: "grpc", httpVersion: 2 },
  "OTLP/HTTP, HTTP/1.1": { protocol: "http", httpVersion: 1 },
  "OTLP/JSON, HTTP/1.1": { protocol: "http-json", httpVersion: 1 },
};
const burst = { payload: "512 spans", connections: 8, streams: 16 } as const;
const ordinary = { payload: "1 span", connections: 1, streams: 1 } as const;
const perSecond = 10;

/** What the process takes when nothing was sent, at most in a burst, and after a minute of ordinary traffic. */
interface Resident {
  readonly idle: number;
  readonly peak: number;
  readonly afterwards: number;
}

async function residentIn(call: ExportCall): Promise<Resident> {
  await using server = await startObsvty();
  await using load = startLoad();
  const job = { ...call, port: server.port };
  await load.ask<LoadResult>({ ...job, ...ordinary, pace: { kind: "open", perSecond, seconds: 5 } });
  const idle = residentBytes(server.pid, "now");
  const { succeeded } = await load.ask<LoadResult>({
    ...job,
    ...burst,
    pace: { kind: "closed", requests: 10_000 },
  });
  if (succeeded !== 10_000) throw new Error(`${succeeded} of 10000 requests succeeded`);
  const peak = residentBytes(server.pid, "peak");
  await load.ask<LoadResult>({ ...job, ...ordinary, pace: { kind: "open", perSecond, seconds: 60 } });
  return { idle, peak, afterwards: residentBytes(server.pid, "now") };
}

buildObsvty();
pinSelf();
const resident: Record<string, Resident> = {};
for (const [name, call] of Object.entries(calls)) {
  resident[name] = await residentIn(call);
}
process.stdout.write(
  `${formatTable(
    ["", "idle", "most in a burst", "a minute later", "of the burst given back"],
    Object.entries(resident).map(([name, { idle, peak, afterwards }]) => [
      name,
      mebibytes(idle),
      mebibytes(peak),
      mebibytes(afterwards),
      `${(((peak - afterwards) / (peak - idle)) * 100).toFixed(0)} %`,
    ]),
  )}\nwritten to ${writeResult("memory", { machine: describeMachine(), resident })}\n`,
);
