import type { MetricPoint, PointValue } from "../../../domain/telemetry.ts";
import { isKnownTime } from "../../../domain/time.ts";
import { changeBetween, type Distribution, distributionOf } from "./distribution.ts";

/** OTLP's AggregationTemporality. */
export const DELTA = 1;

/** What was added from one time to another. */
export interface Change {
  readonly fromUnixNano: bigint;
  readonly toUnixNano: bigint;
  /** Of a counter what it grew by, of others how many measurements there were. */
  readonly count: number;
  /** Of all measurements; undefined when the sender does not tell. */
  readonly sum: number | undefined;
  readonly distribution: Distribution | undefined;
}

/** What a data point tells of all that was added since its start. */
interface Totals {
  readonly startUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly count: number | bigint;
  readonly sum: number | undefined;
  readonly distribution: Distribution | undefined;
}

/** Makes of the data points of one series what was added from one to the next. */
export class Changes {
  readonly #withBuckets: boolean;
  readonly #windowStartUnixNano: bigint;
  #last: Totals | undefined;

  /** @param windowStartUnixNano the first cumulative data point counts when its start is not before this */
  constructor(withBuckets: boolean, windowStartUnixNano: bigint) {
    this.#withBuckets = withBuckets;
    this.#windowStartUnixNano = windowStartUnixNano;
  }

  /** The last data point, which is needed for the next one. */
  get distribution(): Distribution | undefined {
    return this.#last?.distribution;
  }

  /** "none" for a data point that is only where the next one begins, "late" for one that is older than one before. */
  next(point: MetricPoint): Change | "none" | "late" {
    const after = this.#totalsOf(point);
    if (after === undefined) return "none";
    const before = this.#last;
    const { startUnixNano: start, timeUnixNano: time } = after;
    if (point.temporality === DELTA) {
      const from = isKnownTime(start) ? start : before?.timeUnixNano;
      if (before === undefined || time > before.timeUnixNano)
        this.#last = { ...after, distribution: undefined };
      return changeOf(after, from === undefined || from > time ? time : from);
    }
    if (before === undefined) {
      this.#last = after;
      return isKnownTime(start) && start >= this.#windowStartUnixNano ? changeOf(after, start) : "none";
    }
    if (time <= before.timeUnixNano) return "late";
    this.#last = after;
    const grown = start === before.startUnixNano ? grownBy(before, after, this.#withBuckets) : undefined;
    if (grown !== undefined) return grown;
    // The sender began anew, at a time that it tells or else after the data point before.
    return changeOf(after, latest(start, before.timeUnixNano));
  }

  #totalsOf({ value, startUnixNano, timeUnixNano }: MetricPoint): Totals | undefined {
    const times = { startUnixNano, timeUnixNano };
    switch (value.kind) {
      case "int":
      case "double":
        if (!Number.isFinite(Number(value.value))) return undefined;
        return { ...times, count: value.value, sum: undefined, distribution: undefined };
      case "histogram":
      case "exponential-histogram":
      case "summary":
        return {
          ...times,
          count: value.count,
          sum: finite(value.sum),
          distribution: this.#distributionOf(value),
        };
      case "none":
        return undefined;
    }
  }

  #distributionOf(value: PointValue): Distribution | undefined {
    return this.#withBuckets ? distributionOf(value) : undefined;
  }
}

function finite(value: number | undefined): number | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

function changeOf({ timeUnixNano, count, sum, distribution }: Totals, fromUnixNano: bigint): Change {
  return { fromUnixNano, toUnixNano: timeUnixNano, count: Number(count), sum, distribution };
}

/** Undefined when the later one is no continuation of the other: a count is less than before. */
function grownBy(before: Totals, after: Totals, withBuckets: boolean): Change | undefined {
  const count = difference(before.count, after.count);
  if (count < 0) return undefined;
  const distribution =
    before.distribution && after.distribution
      ? changeBetween(before.distribution, after.distribution)
      : undefined;
  if (withBuckets && before.distribution && after.distribution && distribution === undefined)
    return undefined;
  return {
    fromUnixNano: before.timeUnixNano,
    toUnixNano: after.timeUnixNano,
    count,
    sum: before.sum === undefined || after.sum === undefined ? undefined : after.sum - before.sum,
    distribution,
  };
}

function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Whole numbers beyond 2^53 have an exact difference, too. */
function difference(before: number | bigint, after: number | bigint): number {
  return typeof before === "bigint" && typeof after === "bigint"
    ? Number(after - before)
    : Number(after) - Number(before);
}
