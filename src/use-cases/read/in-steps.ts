import type { ReadDependencies } from "./read-dependencies.ts";

/**
 * Visits each item, in short steps between which the thread is free, until `visit` answers false.
 * @param stride how many items are visited between looks at the time, when each takes microseconds @default 1
 */
export async function forEachInSteps<Item>(
  { pace, turns }: Pick<ReadDependencies, "pace" | "turns">,
  items: Iterable<Item>,
  abort: AbortSignal | undefined,
  visit: (item: Item) => boolean,
  stride = 1,
): Promise<void> {
  let endMs = performance.now() + pace.maxMs;
  let left = stride;
  for (const item of items) {
    left -= 1;
    if (left > 0) {
      if (!visit(item)) return;
      continue;
    }
    left = stride;
    if (performance.now() >= endMs) {
      await turns.next();
      abort?.throwIfAborted();
      endMs = performance.now() + pace.maxMs;
    }
    if (!visit(item)) return;
  }
}
