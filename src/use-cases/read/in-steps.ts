import type { ReadDependencies } from "./read-dependencies.ts";

/** Visits each item, in short steps between which the thread is free, until `visit` answers false. */
export async function forEachInSteps<Item>(
  { pace, turns }: Pick<ReadDependencies, "pace" | "turns">,
  items: Iterable<Item>,
  abort: AbortSignal | undefined,
  visit: (item: Item) => boolean,
): Promise<void> {
  let endMs = performance.now() + pace.maxMs;
  for (const item of items) {
    if (performance.now() >= endMs) {
      await turns.next();
      abort?.throwIfAborted();
      endMs = performance.now() + pace.maxMs;
    }
    if (!visit(item)) return;
  }
}
