import type { ReadDependencies } from "./read-dependencies.ts";

/** As many elements are sorted, and merged, without a look at the time. */
const runLength = 2_048;

/** Sorts a copy in short steps, between which the thread is free. Elements that compare as equal stay in order. */
export async function sortInSteps<Element>(
  { pace, turns }: Pick<ReadDependencies, "pace" | "turns">,
  elements: readonly Element[],
  compare: (a: Element, b: Element) => number,
  abort: AbortSignal | undefined,
): Promise<Element[]> {
  let endMs = performance.now() + pace.maxMs;
  const pause = async () => {
    if (performance.now() < endMs) return;
    await turns.next();
    abort?.throwIfAborted();
    endMs = performance.now() + pace.maxMs;
  };
  let from: Element[] = [];
  for (let i = 0; i < elements.length; i += runLength) {
    for (const element of elements.slice(i, i + runLength).sort(compare)) from.push(element);
    await pause();
  }
  for (let length = runLength; length < from.length; length *= 2) {
    const to: Element[] = [];
    for (let start = 0; start < from.length; start += 2 * length) {
      let left = start;
      let right = Math.min(start + length, from.length);
      const [middle, end] = [right, Math.min(start + 2 * length, from.length)];
      // Nothing is to be moved where the runs follow each other, as they do in what is nearly sorted.
      const isSorted = middle === end || compare(from[middle - 1] as Element, from[middle] as Element) <= 0;
      while (left < middle || right < end) {
        const isLeft = isSorted
          ? left < middle
          : right >= end || (left < middle && compare(from[left] as Element, from[right] as Element) <= 0);
        to.push(from[isLeft ? left++ : right++] as Element);
        if (to.length % runLength === 0) await pause();
      }
    }
    from = to;
  }
  return from;
}
