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

/** Undefined for a value without buckets, one with too many, and one whose bounds do not ascend. */
export function distributionOf(value: PointValue): Distribution | undefined {
  if (value.kind === "histogram") return explicitOf(value.bounds, value.bucketCounts);
  if (value.kind !== "exponential-histogram") return undefined;
  const { scale, zeroThreshold, positive, negative } = value;
  if (positive.bucketCounts.length + negative.bucketCounts.length > maxBuckets) return undefined;
  return {
    kind: "exponential",
    scale,
    zeroCount: Number(value.zeroCount),
    zeroThreshold: Number.isFinite(zeroThreshold) ? Math.max(0, zeroThreshold) : 0,
    positive: sideOf(positive),
    negative: sideOf(negative),
  };
}

/** Some senders give bounds at the infinities, too: no measurement lies beyond, so that they tell nothing. */
function explicitOf(allBounds: readonly number[], bucketCounts: readonly bigint[]): Distribution | undefined {
  const lowest = allBounds[0] === Number.NEGATIVE_INFINITY ? 1 : 0;
  const highest = allBounds.at(-1) === Number.POSITIVE_INFINITY ? 1 : 0;
  const bounds = allBounds.slice(lowest, allBounds.length - highest);
  // A single bucket tells nothing of where measurements lie.
  if (bounds.length === 0 || bounds.length > maxBuckets || bucketCounts.length !== allBounds.length + 1)
    return undefined;
  if (!bounds.every((bound, i) => bound > (bounds[i - 1] ?? Number.NEGATIVE_INFINITY))) return undefined;
  const counts = Float64Array.from(bucketCounts.slice(lowest, bucketCounts.length - highest), Number);
  if (lowest > 0) counts[0] = (counts[0] ?? 0) + Number(bucketCounts[0]);
  if (highest > 0) counts[bounds.length] = (counts[bounds.length] ?? 0) + Number(bucketCounts.at(-1));
  return { kind: "explicit", bounds, counts };
}

function sideOf({ offset, bucketCounts }: Buckets): Side {
  return { offset, counts: Float64Array.from(bucketCounts, Number) };
}

export function byteLengthOf(distribution: Distribution): number {
  return distribution.kind === "explicit"
    ? bytesOfObject + distribution.counts.byteLength * 2
    : bytesOfObject + distribution.positive.counts.byteLength + distribution.negative.counts.byteLength;
}

/**
 * A copy, in the arrays of another distribution where they fit.
 * @param into is not to be used any more
 */
export function copyOf(distribution: Distribution, into?: Distribution): Distribution {
  if (distribution.kind === "explicit") {
    const { bounds, counts } = distribution;
    if (into?.kind !== "explicit" || !hasBounds(into.bounds, bounds)) {
      return { ...distribution, counts: counts.slice() };
    }
    into.counts.set(counts);
    return into;
  }
  const held = into?.kind === "exponential" ? into : undefined;
  const { positive, negative } = distribution;
  return {
    ...distribution,
    positive: copyOfSide(positive, held?.positive),
    negative: copyOfSide(negative, held?.negative),
  };
}

function copyOfSide({ offset, counts }: Side, into: Side | undefined): Side {
  if (into === undefined || into.counts.length !== counts.length) return { offset, counts: counts.slice() };
  into.counts.set(counts);
  return { offset, counts: into.counts };
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
  // Indices have 32 bits. A quotient that is too small for a double would lose its sign.
  const divisor = 2 ** Math.min(shift, 32);
  const indexAt = (i: number) => Math.floor((offset + i) / divisor);
  const first = indexAt(0);
  const merged = new Float64Array(indexAt(counts.length - 1) - first + 1);
  for (const [i, count] of counts.entries()) {
    const at = indexAt(i) - first;
    merged[at] = (merged[at] ?? 0) + count;
  }
  return { offset: first, counts: merged };
}

/** How many measurements there are. */
export function countOf(distribution: Distribution): number {
  const sum = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0);
  return distribution.kind === "explicit"
    ? sum(distribution.counts)
    : sum(distribution.positive.counts) + sum(distribution.negative.counts) + distribution.zeroCount;
}
