import { setTimeout } from "node:timers/promises";

/** Waits, at most until one of `aborts` aborts; never rejects. */
export async function pause(delayMs: number, aborts: readonly AbortSignal[]): Promise<void> {
  await setTimeout(delayMs, undefined, { signal: AbortSignal.any([...aborts]) }).catch(() => {});
}
