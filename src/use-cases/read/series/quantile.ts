import type { Distribution } from "./distribution.ts";

/** On which side a bucket has no end, if it has none on one. Both its limits are where it ends on the other. */
type OpenSide = "below" | "above" | undefined;

/** Visits the buckets that are not empty, those of the least values first: each has the values from `low` to `high`. */
export function forEachBucket(
  distribution: Distribution,
  visit: (low: number, high: number, count: number, open: OpenSide) => void,
): void {
  if (distribution.kind === "explicit") {
    const { bounds, counts } = distribution;
    for (const [i, count] of counts.entries()) {
      if (count === 0) continue;
      // The outer buckets have no end: what is in the last one counts as its lower bound, and few metrics are negative.
      const high = bounds[i] ?? bounds[i - 1] ?? 0;
      const low = bounds[i - 1] ?? Math.min(0, high);
      visit(low, high, count, low < high ? undefined : i === 0 ? "below" : "above");
    }
    return;
  }
  const { scale, zeroCount, zeroThreshold, positive, negative } = distribution;
  const bound = (index: number) => (index === 0 ? 1 : Math.min(Number.MAX_VALUE, 2 ** (index * 2 ** -scale)));
  // From the least value on: the first bucket on the negative side is the nearest to zero.
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    const count = negative.counts[i] ?? 0;
    if (count > 0) visit(-bound(negative.offset + i + 1), -bound(negative.offset + i), count, undefined);
  }
  const hasNegative = negative.counts.some((count) => count > 0);
  if (zeroCount > 0) visit(hasNegative ? -zeroThreshold : 0, zeroThreshold, zeroCount, undefined);
  for (const [i, count] of positive.counts.entries()) {
    if (count > 0) visit(bound(positive.offset + i), bound(positive.offset + i + 1), count, undefined);
  }
}

/**
 * The value below which this part of the measurements lies. Within a bucket they count as spread evenly, so that the
 * answer lies in the bucket that has it. It pauses after each distribution.
 */
export function* quantile(
  distributions: readonly Distribution[],
  part: number,
): Generator<void, number, undefined> {
  const all: Cumulated[] = [];
  for (const each of distributions) {
    all.push(cumulated(each));
    yield;
  }
  const rank = all.reduce((total, { below }) => total + (below.at(-1) ?? 0), 0) * part;
  // The buckets of several distributions overlap, so that the answer may lie within several: it is narrowed down.
  let low = orderOf(Math.min(...all.map(({ lows }) => lows[0] ?? 0)));
  let high = orderOf(Math.max(...all.map(({ highs }) => highs.at(-1) ?? 0)));
  while (low < high) {
    const middle = (low + high) >> 1n;
    const value = numberOf(middle);
    if (all.reduce((sum, each) => sum + countUpTo(each, value), 0) >= rank) high = middle;
    else low = middle + 1n;
  }
  return numberOf(high);
}

/** The buckets of a distribution that are not empty, those of the least values first. */
interface Cumulated {
  readonly lows: readonly number[];
  readonly highs: readonly number[];
  /** How many measurements are in a bucket and those before it. */
  readonly below: readonly number[];
}

function cumulated(distribution: Distribution): Cumulated {
  const [lows, highs, below]: [number[], number[], number[]] = [[], [], []];
  let total = 0;
  forEachBucket(distribution, (low, high, count) => {
    total += count;
    lows.push(low);
    // A threshold of zero may reach into the buckets above it.
    highs.push(Math.max(high, highs.at(-1) ?? high));
    below.push(total);
  });
  return { lows, highs, below };
}

/** How many measurements are not above a value. */
function countUpTo({ lows, highs, below }: Cumulated, value: number): number {
  // How many buckets end at the value or before.
  let [from, to] = [0, highs.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((highs[middle] ?? 0) <= value) from = middle + 1;
    else to = middle;
  }
  const before = below[from - 1] ?? 0;
  const low = lows[from];
  const high = highs[from];
  if (low === undefined || high === undefined || value <= low) return before;
  return before + ((below[from] ?? 0) - before) * ((value - low) / (high - low));
}

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The bits of a number as an integer: they have the order of the numbers. */
function orderOf(value: number): bigint {
  double[0] = value;
  const order = bits[0] ?? 0n;
  return order < 0n ? -(order & MAX_INT64) : order;
}

function numberOf(order: bigint): number {
  bits[0] = order < 0n ? -order | ~MAX_INT64 : order;
  return double[0] ?? 0;
}

const MAX_INT64 = 2n ** 63n - 1n;
