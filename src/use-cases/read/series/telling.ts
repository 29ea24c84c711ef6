import type { MetricFunction } from "../../../domain/metric-function.ts";
import type { MetricPoint } from "../../../domain/telemetry.ts";
import { type Change, Changes, DELTA } from "./changes.ts";
import { byteLengthOf } from "./distribution.ts";
import type { DrawnSeries } from "./drawn-series.ts";
import { Levels } from "./levels.ts";
import { type MetricShape, quantileOf } from "./metric-shape.ts";
import type { StepClock } from "./step-clock.ts";

/** What all series of an answer are told by. */
export interface TellingOptions {
  readonly shape: MetricShape;
  readonly asked: MetricFunction;
  readonly clock: StepClock;
  readonly windowStartUnixNano: bigint;
}

/** Tells the function asked for of the data points of one series, in the order in which they arrived. */
export interface Telling {
  /** @returns how many bytes it holds more than before; undefined for a data point that is left out */
  add(point: MetricPoint): number | undefined;
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
  readonly #levels: Levels;
  readonly #quantile: number | undefined;
  #total = 0;

  constructor({ clock, asked }: TellingOptions, drawn: DrawnSeries) {
    this.#clock = clock;
    this.#quantile = quantileOf(asked);
    this.#levels = new Levels(clock, (step, value) => drawn.add(step, value));
  }

  add(point: MetricPoint): number | undefined {
    const value = this.#valueOf(point);
    if (value === undefined) return 0;
    return this.#levels.set(this.#clock.at(point.timeUnixNano), value) ? 0 : undefined;
  }

  end(): void {
    this.#levels.end();
  }

  #valueOf({ value, temporality }: MetricPoint): number | undefined {
    if (value.kind === "summary") {
      return value.quantiles.find(({ quantile }) => quantile === this.#quantile)?.value;
    }
    if (value.kind !== "int" && value.kind !== "double") return undefined;
    const number = Number(value.value);
    if (!Number.isFinite(number)) return undefined;
    if (temporality !== DELTA) return number;
    this.#total += number;
    return this.#total;
  }
}

class ChangeTelling implements Telling {
  readonly #options: TellingOptions;
  readonly #drawn: DrawnSeries;
  readonly #changes: Changes;
  /** What the newest step has so far, of which only the end tells a rate. */
  #pending: { step: number; count: number; nanos: number } | undefined;
  #bytes = 0;

  constructor(options: TellingOptions, drawn: DrawnSeries) {
    this.#options = options;
    this.#drawn = drawn;
    this.#changes = new Changes(quantileOf(options.asked) !== undefined, options.windowStartUnixNano);
  }

  add(point: MetricPoint): number | undefined {
    const change = this.#changes.next(point);
    if (change === "late") return undefined;
    const distribution = this.#changes.distribution;
    const now = distribution === undefined ? 0 : byteLengthOf(distribution);
    const grown = now - this.#bytes;
    this.#bytes = now;
    return change === "none" ? grown : grown + this.#tell(change);
  }

  end(): void {
    if (this.#pending === undefined) return;
    const { step, count, nanos } = this.#pending;
    this.#drawn.add(step, count / (nanos > 0 ? nanos / 1e9 : this.#options.clock.stepSeconds));
    this.#pending = undefined;
  }

  #tell(change: Change): number {
    const { asked, clock } = this.#options;
    const { count, sum } = change;
    const from = clock.at(change.fromUnixNano);
    const to = clock.at(change.toUnixNano);
    if (quantileOf(asked) !== undefined) {
      const step = clock.stepOf(to);
      return change.distribution && clock.has(step)
        ? this.#drawn.addDistribution(step, change.distribution)
        : 0;
    }
    if ((asked === "sum" || asked === "avg") && sum === undefined) return 0;
    clock.forEachStep(from, to, (step, part, nanos) => {
      if (asked === "rate") this.#addToRate(step, count * part, nanos);
      else if (asked === "avg") this.#drawn.add(step, (sum ?? 0) * part, count * part);
      else this.#drawn.add(step, (asked === "sum" ? (sum ?? 0) : count) * part);
    });
    return 0;
  }

  #addToRate(step: number, count: number, nanos: number): void {
    const pending = this.#pending;
    if (pending !== undefined && step < pending.step) {
      // It came late: the rate of that step has been told, and this is added to it.
      this.#drawn.add(step, count / this.#options.clock.stepSeconds);
      return;
    }
    if (pending !== undefined && step === pending.step) {
      pending.count += count;
      pending.nanos += nanos;
      return;
    }
    this.end();
    this.#pending = { step, count, nanos };
  }
}
