import type { MetricFunction } from "../../../domain/metric-function.ts";
import type { MetricPoint, PointValue } from "../../../domain/telemetry.ts";
import { type Change, Changes, DELTA } from "./changes.ts";
import type { DrawnSeries } from "./drawn-series.ts";
import { LevelsBySender } from "./levels.ts";
import { type MetricShape, needsBuckets, quantileOf } from "./metric-shape.ts";
import type { StepClock } from "./step-clock.ts";

const bytesOfLevels = 256;

/** What all series of an answer are told by. */
export interface TellingOptions {
  readonly shape: MetricShape;
  readonly asked: MetricFunction;
  readonly clock: StepClock;
  readonly windowStartUnixNano: bigint;
}

/** Tells the function asked for of the data points of one series, in the order in which they arrived. */
export interface Telling {
  /** @returns false for a data point that is left out */
  add(point: MetricPoint): boolean;
  /** Bytes that it holds, about. */
  readonly bytes: number;
  /** No more data points come. */
  end(): void;
}

/** Whether the value of a step is a mean of what the series of a group have in it, not their sum. */
export function isMeanOf({ type }: MetricShape, asked: MetricFunction): boolean {
  if (asked === "avg") return true;
  return (asked === "value" && type === "gauge") || quantileOf(asked) !== undefined;
}

/** @param drawn the line of the group that the series is in */
export function tellingOf(options: TellingOptions, drawn: DrawnSeries): Telling {
  const { type, monotonic } = options.shape;
  const isLevel = type === "gauge" || (type === "sum" && !monotonic);
  const isOwnQuantile = type === "summary" && quantileOf(options.asked) !== undefined;
  return isLevel || isOwnQuantile ? new LevelTelling(options, drawn) : new ChangeTelling(options, drawn);
}

class LevelTelling implements Telling {
  readonly #clock: StepClock;
  readonly #levels: LevelsBySender;
  readonly #quantile: number | undefined;
  #total = 0;

  constructor({ clock, asked }: TellingOptions, drawn: DrawnSeries) {
    this.#clock = clock;
    this.#quantile = quantileOf(asked);
    this.#levels = new LevelsBySender(clock, (step, value) => drawn.add(step, value));
  }

  get bytes(): number {
    return this.#levels.size * bytesOfLevels;
  }

  add(point: MetricPoint): boolean {
    const value = this.#valueOf(point);
    const { type, temporality, startUnixNano, timeUnixNano } = point;
    // Only a cumulative sum must say when it began, and keeps to that.
    const hasStart = type === "sum" && temporality !== DELTA;
    const startedAt = hasStart ? this.#clock.at(startUnixNano) : 0;
    return value === undefined || this.#levels.set(startedAt, this.#clock.at(timeUnixNano), value);
  }

  end(): void {
    this.#levels.end();
  }

  #valueOf({ value, temporality }: MetricPoint): number | undefined {
    const number = this.#numberOf(value);
    if (number === undefined || !Number.isFinite(number)) return undefined;
    if (temporality !== DELTA) return number;
    this.#total += number;
    return this.#total;
  }

  #numberOf(value: PointValue): number | undefined {
    if (value.kind === "summary") {
      // It is not a number when there was no measurement in the time that the sender looks at.
      return value.quantiles.find(({ quantile }) => quantile === this.#quantile)?.value;
    }
    return value.kind === "int" || value.kind === "double" ? Number(value.value) : undefined;
  }
}

class ChangeTelling implements Telling {
  readonly #options: TellingOptions;
  readonly #drawn: DrawnSeries;
  readonly #changes: Changes;
  /** When the series begins. */
  #began = Number.POSITIVE_INFINITY;
  /** What the newest step has so far, and up to when: the rate of a step is told once it is over. */
  #pending: { step: number; count: number; to: number } | undefined;

  constructor(options: TellingOptions, drawn: DrawnSeries) {
    this.#options = options;
    this.#drawn = drawn;
    this.#changes = new Changes(needsBuckets(options.asked), options.windowStartUnixNano);
  }

  get bytes(): number {
    return this.#changes.bytes;
  }

  add(point: MetricPoint): boolean {
    const change = this.#changes.next(point);
    return change !== "late" && (change === "none" || this.#tell(change));
  }

  end(): void {
    if (this.#pending !== undefined) this.#tellRate(this.#pending.to);
  }

  /** @returns false for a change that does not tell what was asked */
  #tell(change: Change): boolean {
    const { asked, clock } = this.#options;
    const { count, sum, distribution } = change;
    const from = clock.at(change.fromUnixNano);
    const to = clock.at(change.toUnixNano);
    if (needsBuckets(asked)) {
      const step = clock.stepOf(to);
      if (distribution === undefined) return count === 0;
      return !clock.has(step) || this.#drawn.addDistribution(step, distribution);
    }
    if ((asked === "sum" || asked === "avg") && sum === undefined) return count === 0;
    this.#began = Math.min(this.#began, from);
    clock.forEachStep(from, to, (step, part) => {
      if (asked === "rate") this.#addToRate(step, count * part, to);
      else if (asked === "avg") this.#drawn.add(step, (sum ?? 0) * part, count * part);
      else this.#drawn.add(step, (asked === "sum" ? (sum ?? 0) : count) * part);
    });
    return true;
  }

  #addToRate(step: number, count: number, to: number): void {
    const pending = this.#pending;
    if (pending !== undefined && step < pending.step) {
      // It came late: the rate of that step has been told, and this is added to it.
      this.#drawn.add(step, count / this.#secondsIn(step));
      return;
    }
    if (pending !== undefined && step === pending.step) {
      pending.count += count;
      pending.to = Math.max(pending.to, to);
      return;
    }
    this.#tellRate();
    this.#pending = { step, count, to };
  }

  #tellRate(seriesEnd?: number): void {
    if (this.#pending === undefined) return;
    const { step, count } = this.#pending;
    this.#drawn.add(step, count / this.#secondsIn(step, seriesEnd));
    this.#pending = undefined;
  }

  /** How much of a step the series is there: of a time without a data point in between, nothing was added in it. */
  #secondsIn(step: number, seriesEnd = Number.POSITIVE_INFINITY): number {
    const { clock } = this.#options;
    return clock.secondsIn(step, this.#began, seriesEnd) || clock.stepSeconds;
  }
}
