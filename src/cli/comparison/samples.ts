/** Durations that are kept of one operation. */
const maxKept = 2_048;

/** A bounded, fair choice of numbers, of which quantiles are told; exact up to 2,048 numbers. */
export class Samples {
  readonly #kept: number[] = [];
  #count = 0;
  #random = 1;

  /** How many numbers there were, kept or not. */
  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    this.#count += 1;
    if (this.#kept.length < maxKept) {
      this.#kept.push(value);
      return;
    }
    // Reservoir sampling (Vitter's algorithm R), with numbers that are the same in each run.
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    const at = Math.floor((this.#random / 2 ** 32) * this.#count);
    if (at < maxKept) this.#kept[at] = value;
  }

  /** The smallest number that is not less than this part of all; undefined when there is none. */
  quantile(part: number): number | undefined {
    const sorted = this.#kept.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  }
}
