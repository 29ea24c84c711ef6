// Loaded into the server under test by --import: how long the longest turn of its event loop took, in which it
// received nothing, and how much CPU it used. Both are CPU time: on a busy machine a turn may last longer.
import type { Socket } from "node:net";
import { createInterface } from "node:readline";

export interface LoopTurns {
  readonly longestTurnMs: number;
  /** Of all threads. */
  readonly cpuMs: number;
}

let turnBegan = cpuMs(process.threadCpuUsage());
let longestTurnMs = 0;
let began = cpuMs(process.cpuUsage());

/** A timer runs once in a turn. */
function endTurn(): void {
  const now = cpuMs(process.threadCpuUsage());
  longestTurnMs = Math.max(longestTurnMs, now - turnBegan);
  turnBegan = now;
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

setInterval(endTurn, 1).unref();

/** What was used since the last question, for each line on stdin. */
createInterface({ input: process.stdin }).on("line", () => {
  endTurn();
  const now = cpuMs(process.cpuUsage());
  process.stdout.write(`${JSON.stringify({ longestTurnMs, cpuMs: now - began } satisfies LoopTurns)}\n`);
  longestTurnMs = 0;
  began = now;
});
// Only a pipe or a socket can be let go of.
(process.stdin as Partial<Socket>).unref?.();
