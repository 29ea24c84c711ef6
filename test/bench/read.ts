import { parseArgs } from "node:util";
import { median } from "./measure.ts";
import { pinSelf } from "./proc.ts";
import { fillBuffer, spansHeld } from "./read-buffer.ts";
import { type ReadCase, readCases } from "./read-cases.ts";
import { formatReadReport, type MeasuredRead, type ReadResult } from "./read-report.ts";
import { describeMachine, writeResult } from "./results.ts";
import { buildObsvty, getStats, type ObsvtyTarget, obsvtyCommand, query, startObsvty } from "./target.ts";

// How long reading takes with a full buffer, and the longest turn of the event loop meanwhile: nothing is received in it.

const { values } = parseArgs({
  options: {
    // Calls of which the name contains it.
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "25" },
    out: { type: "string", default: "read-latest" },
  },
});
/** The first ones run code that is not compiled yet. */
const warmUps = 3;

async function measure(server: ObsvtyTarget, { what, method, request, wantedMs }: ReadCase) {
  const times: number[] = [];
  const cpuTimes: number[] = [];
  const turns: number[] = [];
  let found = 0;
  for (let round = 0; round < warmUps + Number(values.rounds); round++) {
    await server.turns();
    const began = performance.now();
    const answer = await ask(server.port, method, request(round));
    const elapsedMs = performance.now() - began;
    const { cpuMs, longestTurnMs } = await server.turns();
    if (round < warmUps) continue;
    times.push(elapsedMs);
    cpuTimes.push(cpuMs);
    turns.push(longestTurnMs);
    found = answer;
  }
  return {
    what,
    found,
    ...(wantedMs !== undefined && { wantedMs }),
    medianMs: median(times),
    worstMs: Math.max(...times),
    cpuMs: median(cpuTimes),
    turnMedianMs: median(turns),
    turnWorstMs: Math.max(...turns),
  } satisfies MeasuredRead;
}

/** Makes the call and reads its answer, as a page does. How many items were found or counted. */
async function ask(port: number, method: string, request: object): Promise<number> {
  try {
    const answer = await query<ReadAnswer>(port, method, request);
    const list = ["spans", "traces", "calls", "attributes", "profiles", "stacks"].find(
      (name) => name in answer,
    );
    return list === undefined ? Number(answer.matched ?? answer.points ?? 0) : lengthOf(answer[list]);
  } catch (reason) {
    if (reason instanceof Error && reason.message.includes("404")) return 0;
    throw reason;
  }
}

/** The lists and counts of answers by their names. */
interface ReadAnswer extends Readonly<Record<string, unknown>> {
  readonly matched?: number;
  readonly points?: number;
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

pinSelf();
buildObsvty();
const probe = new URL("servers/loop-turns.ts", import.meta.url).href;
await using server = await startObsvty(
  { MAX_BUFFER_SIZE: String(spansHeld), MAX_BUFFER_BYTES: String(2 ** 30) },
  obsvtyCommand(["--import", probe]),
);
const bytesSent = await fillBuffer(server.port);
const items = Number((await getStats(server.port)).signals.traces!.items);
const measured: MeasuredRead[] = [];
for (const one of readCases()) {
  if (one.what.includes(values.only)) measured.push(await measure(server, one));
}
const result: ReadResult = {
  machine: describeMachine(),
  rounds: Number(values.rounds),
  items,
  bytesSent,
  measured,
};
process.stdout.write(`${formatReadReport(result)}\nwritten to ${writeResult(values.out, result)}\n`);
