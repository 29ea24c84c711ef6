import { DrawnSeries } from "./drawn-series.ts";
import { forEachBucket } from "./quantile.ts";

/** More different bounds are thinned out while they are being gathered. */
const maxBounds = 4_096;

/**
 * The distributions of a line over time, as a line for each bucket that counts the measurements in it, the least values
 * first. Where senders have different buckets, or more than `most`, a bucket that reaches into several counts in each by
 * the part that lies in it. The first and the last one, which have no end, begin at the nearest bound that a sender ends
 * with, and may reach over others. Pauses after each distribution.
 */
export function* bucketLines(
  line: DrawnSeries,
  steps: number,
  most: number,
): Generator<void, readonly DrawnSeries[], undefined> {
  let bounds = new Set<number>();
  let belowTo = Number.NEGATIVE_INFINITY;
  let aboveFrom = Number.POSITIVE_INFINITY;
  for (const distributions of line.distributions.values()) {
    for (const distribution of distributions) {
      forEachBucket(distribution, (low, high, _count, open) => {
        if (open === "below") belowTo = Math.max(belowTo, high);
        else if (open === "above") aboveFrom = Math.min(aboveFrom, low);
        else bounds.add(low).add(high);
      });
      if (bounds.size > maxBounds) bounds = new Set(thinned(ascending(bounds), maxBounds / 4));
      yield;
    }
  }
  // Two more for what has no end, and one for zeros alone.
  const edges = thinned(ascending(bounds), Math.max(2, most - 2));
  const lineOf = (low: number, high: number) => new DrawnSeries([], [], steps, false, { low, high });
  const lines = edges.slice(1).map((high, i) => lineOf(edges[i] ?? 0, high));
  const zeros = lineOf(0, 0);
  const below = lineOf(Number.NEGATIVE_INFINITY, belowTo);
  const above = lineOf(aboveFrom, Number.POSITIVE_INFINITY);
  for (const [step, distributions] of line.distributions) {
    for (const distribution of distributions) {
      forEachBucket(distribution, (low, high, count, open) => {
        if (open !== undefined) return (open === "below" ? below : above).add(step, count);
        if (low === high) return zeros.add(step, count);
        for (let i = placeOf(edges, low); i < lines.length && (edges[i] ?? high) < high; i++) {
          const from = Math.max(low, edges[i] ?? low);
          const to = Math.min(high, edges[i + 1] ?? high);
          if (to > from) lines[i]?.add(step, count * ((to - from) / (high - low)));
        }
      });
      yield;
    }
  }
  const isBelowZero = ({ bucket }: DrawnSeries) => (bucket?.high ?? 0) <= 0;
  const negative = lines.filter(isBelowZero);
  return [below, ...negative, zeros, ...lines.slice(negative.length), above].filter(({ size }) => size > 0);
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** At most so many of them, the first and the last among them. */
function thinned(numbers: readonly number[], most: number): readonly number[] {
  if (numbers.length <= most) return numbers;
  const apart = (numbers.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => numbers[Math.round(i * apart)] ?? 0);
}

/** The index of the last of the numbers that is not above a value; 0 when all are. */
function placeOf(numbers: readonly number[], value: number): number {
  let [from, to] = [0, numbers.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((numbers[middle] ?? 0) <= value) from = middle + 1;
    else to = middle;
  }
  return Math.max(0, from - 1);
}
