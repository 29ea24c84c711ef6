import { setTimeout as wait } from "node:timers/promises";
import { residentBytes } from "../bench/proc.ts";

export interface HealthSample {
  readonly atMs: number;
  /** How long /health took; undefined when it did not answer in time. */
  readonly healthMs: number | undefined;
  readonly residentBytes: number;
}

/** An orchestrator's probe would have given up long before. */
const longestMs = 30_000;

/** Asks /health again and again, and reads the server's resident memory, until the abort. */
export async function watchHealth(
  { pid, port }: { readonly pid: number; readonly port: number },
  everyMs: number,
  abort: AbortSignal,
): Promise<readonly HealthSample[]> {
  const samples: HealthSample[] = [];
  const begunMs = performance.now();
  while (!abort.aborted) {
    const startMs = performance.now();
    const answered = await fetch(`http://127.0.0.1:${port}/health`, {
      signal: AbortSignal.timeout(longestMs),
    })
      .then(async (response) => {
        await response.arrayBuffer();
        return response.ok;
      })
      .catch(() => false);
    const endMs = performance.now();
    samples.push({
      atMs: endMs - begunMs,
      healthMs: answered ? endMs - startMs : undefined,
      residentBytes: residentBytes(pid, "now"),
    });
    await wait(everyMs, undefined, { signal: abort }).catch(() => {});
  }
  return samples;
}
