import type { ReadDependencies } from "./read-dependencies.ts";

/**
 * Goes through the steps of some work. A promise when they take longer than one turn of the event loop may; the thread
 * is then free between turns.
 */
export function throughSteps<Result>(
  dependencies: Pick<ReadDependencies, "pace" | "turns">,
  steps: Iterator<void, Result>,
  abort: AbortSignal | undefined,
): Result | Promise<Result> {
  const step = stepsOfTurn(dependencies, steps);
  return step.done === true ? step.value : throughLater(dependencies, steps, abort);
}

async function throughLater<Result>(
  dependencies: Pick<ReadDependencies, "pace" | "turns">,
  steps: Iterator<void, Result>,
  abort: AbortSignal | undefined,
): Promise<Result> {
  for (;;) {
    await dependencies.turns.next();
    abort?.throwIfAborted();
    const step = stepsOfTurn(dependencies, steps);
    if (step.done === true) return step.value;
  }
}

function stepsOfTurn<Result>(
  { pace }: Pick<ReadDependencies, "pace">,
  steps: Iterator<void, Result>,
): IteratorResult<void, Result> {
  const endMs = performance.now() + pace.maxMs;
  let step = steps.next();
  while (step.done !== true && performance.now() < endMs) step = steps.next();
  return step;
}

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
