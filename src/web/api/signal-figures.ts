import { call } from "./call.ts";

/** Parts of a view that ask within so long share one answer. */
const sharedForMs = 1_000;

let shared: { readonly askedMs: number; readonly stats: ReturnType<typeof askStats> } | undefined;

/**
 * How much of a signal was accepted, is held and was evicted. While it is the same text, what is computed of the items
 * that are held is the same too, and need not be asked for again.
 */
export async function figuresOf(signal: string): Promise<string> {
  if (shared === undefined || performance.now() - shared.askedMs > sharedForMs) {
    shared = { askedMs: performance.now(), stats: askStats() };
    shared.stats.catch(() => {
      shared = undefined;
    });
  }
  const { accepted, items, evicted } = (await shared.stats).signals?.[signal] ?? {};
  return [accepted, items, evicted].join(" ");
}

function askStats() {
  return call("GetStats", {});
}
