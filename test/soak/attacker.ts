import { createInterface } from "node:readline";
import { type AttackName, attacks } from "./attacks/attacks.ts";

// The attackers, a process of its own: a job is a line of JSON on stdin, its result one on stdout.

export interface AttackJob {
  readonly port: number;
  readonly attack: AttackName;
  /** How long a round holds what it has opened. */
  readonly holdMs: number;
  /** The round is cut after this time. */
  readonly longestMs: number;
}

export interface AttackResult {
  readonly attack: AttackName;
  readonly elapsedMs: number;
  readonly cut: boolean;
}

async function run({ port, attack, holdMs, longestMs }: AttackJob): Promise<AttackResult> {
  const abort = AbortSignal.timeout(longestMs);
  const startMs = performance.now();
  await attacks[attack]({ port, holdMs, abort });
  return { attack, elapsedMs: performance.now() - startMs, cut: abort.aborted };
}

if (import.meta.main) {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await run(JSON.parse(line) as AttackJob))}\n`);
  }
}
