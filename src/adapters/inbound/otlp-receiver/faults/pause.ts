import { setTimeout } from "node:timers/promises";

/** Waits, at most until one of the signals aborts; never rejects. */
export async function pause(delayMs: number, signals: readonly AbortSignal[]): Promise<void> {
  await setTimeout(delayMs, undefined, { signal: AbortSignal.any([...signals]) }).catch(() => {});
}
