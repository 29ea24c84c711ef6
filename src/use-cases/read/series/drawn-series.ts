import type { GroupBy } from "../../../domain/grouping.ts";
import type { Exemplar } from "../../../domain/telemetry.ts";
import type { GroupValue } from "../figures/group-table.ts";
import { byteLengthOf, countOf, type Distribution, sumOf } from "./distribution.ts";
import { quantile } from "./quantile.ts";

/** Distributions of one step that have different buckets. */
const maxDistributionsOfStep = 64;
const maxExemplarsOfStep = 10;
/** So many of one series can be encoded without holding up others. */
const maxExemplars = 1_000;
const bytesOfExemplar = 512;

/** Measurements from one value to another; an infinity is where there is no end. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
}

/** One line to draw: a value for each step of time that has one, of all data points in one group. */
export class DrawnSeries {
  readonly by: readonly GroupBy[];
  readonly values: readonly GroupValue[];
  /** The measurements that it counts; undefined for all. */
  readonly bucket: Bucket | undefined;
  readonly #steps: number;
  /** For each step of time what was added up, and the weight of what was. Empty before there is anything. */
  #sums = new Float64Array();
  #weights = new Float64Array();
  readonly #isMean: boolean;
  readonly #distributions = new Map<number, Distribution[]>();
  readonly #exemplars = new Map<number, Exemplar[]>();
  #exemplarCount = 0;
  #size = 0;
  #bytes = 0;

  /** @param isMean whether the value of a step is the mean of what was added, by its weights, and not the sum */
  constructor(
    by: readonly GroupBy[],
    values: readonly GroupValue[],
    steps: number,
    isMean: boolean,
    bucket?: Bucket,
  ) {
    this.bucket = bucket;
    this.by = by;
    this.values = values;
    this.#steps = steps;
    this.#isMean = isMean;
  }

  /** Bytes that its values and exemplars take, about; 0 as long as it has none. */
  get bytes(): number {
    return this.#bytes;
  }

  /** By which the largest series are found: all values together, or how many measurements there are. */
  get size(): number {
    return this.#size;
  }

  add(step: number, value: number, weight = 1): void {
    this.#hold();
    this.#sums[step] = (this.#sums[step] ?? 0) + value;
    this.#weights[step] = (this.#weights[step] ?? 0) + weight;
    this.#size += Math.abs(value);
  }

  /** Frees what it holds. */
  clear(): void {
    this.#sums = new Float64Array();
    this.#weights = new Float64Array();
    this.#distributions.clear();
    this.#exemplars.clear();
    this.#bytes = 0;
  }

  #hold(): void {
    if (this.#sums.length > 0) return;
    this.#sums = new Float64Array(this.#steps);
    this.#weights = new Float64Array(this.#steps);
    this.#bytes += this.#sums.byteLength + this.#weights.byteLength;
  }

  /** @returns false when the step has too many distributions with other buckets */
  addDistribution(step: number, distribution: Distribution): boolean {
    const count = countOf(distribution);
    if (count === 0) return true;
    let of = this.#distributions.get(step);
    if (of === undefined) {
      of = [];
      this.#distributions.set(step, of);
    }
    this.#hold();
    for (const [i, known] of of.entries()) {
      const sum = sumOf(known, distribution);
      if (sum === undefined) continue;
      of[i] = sum;
      this.#size += count;
      this.#bytes += byteLengthOf(sum) - byteLengthOf(known);
      return true;
    }
    if (of.length >= maxDistributionsOfStep) return false;
    of.push(distribution);
    this.#size += count;
    this.#bytes += byteLengthOf(distribution);
    return true;
  }

  /** For each step that has some, those with different buckets. */
  get distributions(): ReadonlyMap<number, readonly Distribution[]> {
    return this.#distributions;
  }

  /** Puts the quantiles of its distributions in the place of values, with pauses. */
  *setQuantiles(part: number): Generator<void, void, undefined> {
    for (const [step, distributions] of this.#distributions) {
      this.#sums[step] = yield* quantile(distributions, part);
      this.#weights[step] = 1;
    }
    this.#distributions.clear();
  }

  /** Keeps the largest of a step, each once. */
  addExemplar(step: number, exemplar: Exemplar): void {
    let of = this.#exemplars.get(step);
    if (of === undefined) {
      of = [];
      this.#exemplars.set(step, of);
    }
    if (of.some((known) => isSame(known, exemplar))) return;
    if (of.length >= maxExemplarsOfStep) {
      const least = of.reduce((min, each, i) => (numberOf(each) < numberOf(of[min]) ? i : min), 0);
      if (numberOf(exemplar) > numberOf(of[least])) of[least] = exemplar;
      return;
    }
    if (this.#exemplarCount >= maxExemplars) return;
    this.#exemplarCount += 1;
    this.#bytes += bytesOfExemplar;
    of.push(exemplar);
  }

  /** The value of a step; undefined when it has none. */
  valueAt(step: number): number | undefined {
    const weight = this.#weights[step] ?? 0;
    if (weight <= 0) return undefined;
    const sum = this.#sums[step] ?? 0;
    return this.#isMean ? sum / weight : sum;
  }

  /**
   * Of a step with a value, and of those right before it without one, the largest first: a data point tells at its own
   * time what was measured in the whole time since the one before.
   */
  exemplarsAt(step: number): readonly Exemplar[] {
    let found = this.#exemplars.get(step) ?? [];
    for (let before = step - 1; before >= 0 && this.valueAt(before) === undefined; before--) {
      found = found.concat(this.#exemplars.get(before) ?? []);
    }
    return found.toSorted((a, b) => numberOf(b) - numberOf(a)).slice(0, maxExemplarsOfStep);
  }
}

function numberOf(exemplar: Exemplar | undefined): number {
  return Number(exemplar?.value ?? 0);
}

/** A cumulative data point may have the exemplars of the one before again. */
function isSame(a: Exemplar, b: Exemplar): boolean {
  return (
    a.timeUnixNano === b.timeUnixNano &&
    a.value === b.value &&
    a.spanId === b.spanId &&
    a.traceId === b.traceId
  );
}
