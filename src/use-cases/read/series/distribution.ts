import type { Buckets, PointValue } from "../../../domain/telemetry.ts";

/** Counts of consecutive buckets on one side of zero. */
interface Side {
  readonly offset: number;
  readonly counts: Float64Array;
}

/** How many measurements are in which bucket. */
export type Distribution =
  | { readonly kind: "explicit"; readonly bounds: readonly number[]; readonly counts: Float64Array }
  | {
      readonly kind: "exponential";
      readonly scale: number;
      readonly zeroCount: number;
      readonly zeroThreshold: number;
      readonly positive: Side;
      readonly negative: Side;
    };

/** SDKs have at most 160 buckets. A histogram of more than this is not looked at, so that one takes no time to speak of. */
const maxBuckets = 2_000;

/** A distribution without its buckets. */
const bytesOfObject = 512;

/** Undefined for a value without buckets, and one with too many. */
export function distributionOf(value: PointValue): Distribution | undefined {
  if (value.kind === "histogram") {
    const { bounds, bucketCounts } = value;
    // A single bucket tells nothing of where measurements lie.
    if (bounds.length === 0 || bucketCounts.length !== bounds.length + 1 || bounds.length > maxBuckets)
      return undefined;
    return { kind: "explicit", bounds, counts: Float64Array.from(bucketCounts, Number) };
  }
  if (value.kind !== "exponential-histogram") return undefined;
  const { scale, zeroThreshold, positive, negative } = value;
  if (positive.bucketCounts.length + negative.bucketCounts.length > maxBuckets) return undefined;
  return {
    kind: "exponential",
    scale,
    zeroCount: Number(value.zeroCount),
    zeroThreshold,
    positive: sideOf(positive),
    negative: sideOf(negative),
  };
}

function sideOf({ offset, bucketCounts }: Buckets): Side {
  return { offset, counts: Float64Array.from(bucketCounts, Number) };
}

export function byteLengthOf(distribution: Distribution): number {
  return distribution.kind === "explicit"
    ? bytesOfObject + distribution.counts.byteLength * 2
    : bytesOfObject + distribution.positive.counts.byteLength + distribution.negative.counts.byteLength;
}

/** What was added to a cumulative distribution. Undefined when the later one cannot be a continuation of the other. */
export function changeBetween(before: Distribution, after: Distribution): Distribution | undefined {
  if (before.kind === "explicit" && after.kind === "explicit") {
    if (!hasBounds(before.bounds, after.bounds)) return undefined;
    const counts = after.counts.map((count, i) => count - (before.counts[i] ?? 0));
    return counts.some((count) => count < 0) ? undefined : { ...after, counts };
  }
  if (before.kind !== "exponential" || after.kind !== "exponential") return undefined;
  // A histogram whose values no longer fit into its buckets continues at a lower scale.
  const scale = Math.min(before.scale, after.scale);
  const positive = sideBetween(before.positive, before.scale - scale, after.positive, after.scale - scale);
  const negative = sideBetween(before.negative, before.scale - scale, after.negative, after.scale - scale);
  const zeroCount = after.zeroCount - before.zeroCount;
  if (positive === undefined || negative === undefined || zeroCount < 0) return undefined;
  return { ...after, scale, zeroCount, positive, negative };
}

function sideBetween(before: Side, shiftBefore: number, after: Side, shiftAfter: number): Side | undefined {
  const from = atLowerScale(before, shiftBefore);
  const { offset, counts } = atLowerScale(after, shiftAfter);
  const change = Float64Array.from(counts);
  for (const [i, count] of from.counts.entries()) {
    const at = from.offset + i - offset;
    if (count === 0) continue;
    if (at < 0 || at >= change.length) return undefined;
    change[at] = (change[at] ?? 0) - count;
  }
  return change.some((count) => count < 0) ? undefined : { offset, counts: change };
}

/** Both together; undefined when their buckets are not the same. */
export function sumOf(a: Distribution, b: Distribution): Distribution | undefined {
  if (a.kind === "explicit" && b.kind === "explicit") {
    if (!hasBounds(a.bounds, b.bounds)) return undefined;
    return { ...a, counts: a.counts.map((count, i) => count + (b.counts[i] ?? 0)) };
  }
  if (a.kind !== "exponential" || b.kind !== "exponential") return undefined;
  if (a.scale !== b.scale || a.zeroThreshold !== b.zeroThreshold) return undefined;
  const positive = sumOfSides(a.positive, b.positive);
  const negative = sumOfSides(a.negative, b.negative);
  if (positive === undefined || negative === undefined) return undefined;
  return { ...a, zeroCount: a.zeroCount + b.zeroCount, positive, negative };
}

/** Undefined when they lie so far apart that there would be too many buckets between them. */
function sumOfSides(a: Side, b: Side): Side | undefined {
  if (a.counts.length === 0) return b;
  if (b.counts.length === 0) return a;
  const offset = Math.min(a.offset, b.offset);
  const length = Math.max(a.offset + a.counts.length, b.offset + b.counts.length) - offset;
  if (length > maxBuckets) return undefined;
  const counts = new Float64Array(length);
  counts.set(a.counts, a.offset - offset);
  for (const [i, count] of b.counts.entries()) {
    const at = b.offset - offset + i;
    counts[at] = (counts[at] ?? 0) + count;
  }
  return { offset, counts };
}

function hasBounds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i]);
}

/** Two buckets become one with each step of the scale (OpenTelemetry data model, "Exponential Scale"). */
function atLowerScale({ offset, counts }: Side, shift: number): Side {
  if (shift === 0 || counts.length === 0) return { offset, counts };
  const indexAt = (i: number) => Math.floor((offset + i) / 2 ** shift);
  const first = indexAt(0);
  const merged = new Float64Array(indexAt(counts.length - 1) - first + 1);
  for (const [i, count] of counts.entries()) {
    const at = indexAt(i) - first;
    merged[at] = (merged[at] ?? 0) + count;
  }
  return { offset: first, counts: merged };
}

/** Visits the buckets that are not empty, those of the least values first: each has the values from `low` to `high`. */
function forEachBucket(
  distribution: Distribution,
  visit: (low: number, high: number, count: number) => void,
): void {
  if (distribution.kind === "explicit") {
    const { bounds, counts } = distribution;
    for (const [i, count] of counts.entries()) {
      if (count === 0) continue;
      // The outer buckets have no end: what is in the last one counts as its lower bound, and few metrics are negative.
      const high = bounds[i] ?? bounds[i - 1] ?? 0;
      visit(bounds[i - 1] ?? Math.min(0, high), high, count);
    }
    return;
  }
  const { scale, zeroCount, zeroThreshold, positive, negative } = distribution;
  const bound = (index: number) => (index === 0 ? 1 : Math.min(Number.MAX_VALUE, 2 ** (index * 2 ** -scale)));
  // From the least value on: the first bucket on the negative side is the nearest to zero.
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    const count = negative.counts[i] ?? 0;
    if (count > 0) visit(-bound(negative.offset + i + 1), -bound(negative.offset + i), count);
  }
  const hasNegative = negative.counts.some((count) => count > 0);
  if (zeroCount > 0) visit(hasNegative ? -zeroThreshold : 0, zeroThreshold, zeroCount);
  for (const [i, count] of positive.counts.entries()) {
    if (count > 0) visit(bound(positive.offset + i), bound(positive.offset + i + 1), count);
  }
}

/**
 * The value below which this part of the measurements lies. Within a bucket they count as spread evenly, so that the
 * answer lies in the bucket that has it.
 */
export function quantile(distributions: readonly Distribution[], part: number): number {
  const buckets: Bucket[] = [];
  let total = 0;
  for (const each of distributions) {
    forEachBucket(each, (low, high, count) => {
      buckets.push({ low, high, count });
      total += count;
    });
  }
  if (distributions.length > 1) buckets.sort((a, b) => a.high - b.high || a.low - b.low);
  const rank = total * part;
  let below = 0;
  for (const { low, high, count } of buckets) {
    if (below + count >= rank) return low + (high - low) * Math.max(0, (rank - below) / count);
    below += count;
  }
  return buckets.at(-1)?.high ?? 0;
}

interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** How many measurements there are. */
export function countOf(distribution: Distribution): number {
  const sum = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0);
  return distribution.kind === "explicit"
    ? sum(distribution.counts)
    : sum(distribution.positive.counts) + sum(distribution.negative.counts) + distribution.zeroCount;
}
