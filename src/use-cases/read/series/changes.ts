import type { MetricPoint, PointValue } from "../../../domain/telemetry.ts";
import { isKnownTime } from "../../../domain/time.ts";
import { byteLengthOf, changeBetween, copyOf, type Distribution, distributionOf } from "./distribution.ts";

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
  timeUnixNano: bigint;
  count: number | bigint;
  sum: number | undefined;
  distribution: Distribution | undefined;
}

/** Of more senders that write one series at the same time, those that were silent for longest are forgotten. */
const maxSenders = 128;
const bytesOfSender = 256;

/**
 * Makes of the data points of one series what was added from one to the next. Several processes may write a series when
 * their resources are the same, as the workers of one server often are: each counts from a start of its own.
 */
export class Changes {
  readonly #withBuckets: boolean;
  readonly #windowStartUnixNano: bigint;
  /** The last cumulative data point of each start, the one that arrived last at the end. */
  readonly #senders = new Map<bigint, Totals>();
  #newestUnixNano: bigint | undefined;
  #bytes = 0;

  /** @param windowStartUnixNano the first cumulative data point counts when its start is not before this */
  constructor(withBuckets: boolean, windowStartUnixNano: bigint) {
    this.#withBuckets = withBuckets;
    this.#windowStartUnixNano = windowStartUnixNano;
  }

  /** Bytes that it holds, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** "none" for a data point that is only where the next one begins, "late" for one that is older than one before. */
  next(point: MetricPoint): Change | "none" | "late" {
    const after = this.#totalsOf(point);
    if (after === undefined) return "none";
    const { startUnixNano: start, timeUnixNano: time } = after;
    const newest = this.#newestUnixNano;
    if (point.temporality === DELTA) {
      this.#noteTime(time);
      const from = isKnownTime(start) ? start : newest;
      return changeOf(after, from === undefined || from > time ? time : from);
    }
    const before = this.#senders.get(start);
    if (before !== undefined && time <= before.timeUnixNano) return "late";
    this.#noteTime(time);
    if (before !== undefined) {
      // A sender may begin anew without a new start.
      const change =
        grownBy(before, after, this.#withBuckets) ?? changeOf(after, latest(start, before.timeUnixNano));
      this.#replace(before, after);
      return change;
    }
    this.#note(after);
    if (newest !== undefined && (!isKnownTime(start) || start >= newest)) {
      // The sender began anew, at a time that it tells or else after the data point before.
      return changeOf(after, latest(start, newest));
    }
    return isKnownTime(start) && start >= this.#windowStartUnixNano ? changeOf(after, start) : "none";
  }

  #noteTime(timeUnixNano: bigint): void {
    this.#newestUnixNano = latest(timeUnixNano, this.#newestUnixNano ?? timeUnixNano);
  }

  /**
   * Takes the figures of the newest data point of a sender over into those that are held. To hold the new ones would make
   * the garbage collector keep those of each data point for long.
   */
  #replace(held: Totals, { timeUnixNano, count, sum, distribution }: Totals): void {
    this.#bytes -= bytesOf(held);
    held.timeUnixNano = timeUnixNano;
    held.count = count;
    held.sum = sum;
    held.distribution = distribution && copyOf(distribution, held.distribution);
    this.#hold(held);
  }

  #note(totals: Totals): void {
    if (this.#senders.size >= maxSenders) {
      for (const [start, oldest] of this.#senders) {
        this.#senders.delete(start);
        this.#bytes -= bytesOf(oldest);
        break;
      }
    }
    // The change that is told has the distribution itself.
    this.#hold({ ...totals, distribution: totals.distribution && copyOf(totals.distribution) });
  }

  /** Puts it to the end of those that are held. */
  #hold(totals: Totals): void {
    this.#senders.delete(totals.startUnixNano);
    this.#senders.set(totals.startUnixNano, totals);
    this.#bytes += bytesOf(totals);
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

function bytesOf({ distribution }: Totals): number {
  return bytesOfSender + (distribution === undefined ? 0 : byteLengthOf(distribution));
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
