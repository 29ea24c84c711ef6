/*
 * Buckets of a number's logarithm: 32 to each power of two, so that a value differs from the middle of its bucket by
 * less than 1.6 %. The bucket of a number is its exponent and the first 5 digits of its fraction, in the order of a
 * double's bits.
 */
const fractionBits = 5;
const bitsBelow = 20 - fractionBits;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Of a double, the word with its exponent. */
const high = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

function bucketOf(value: number): number {
  double[0] = value;
  return (words[high] ?? 0) >>> bitsBelow;
}

/** The middle of a bucket. */
function middleOf(bucket: number): number {
  words[1 - high] = 0;
  words[high] = (bucket << bitsBelow) | (1 << (bitsBelow - 1));
  return double[0] ?? 0;
}

/** So many buckets are worth an array, which is faster than a map. */
const manyBuckets = 48;
/** The array reaches over this many buckets: a factor of 4 billion. */
const arrayLength = 1_024;
/** It begins so far below the least bucket that there is when it is made. */
const roomBelow = 256;

/** A distribution of durations, of which any percentile is known within 2 %. */
export class DurationSketch {
  /** Those buckets that are not in the array. */
  readonly #counts = new Map<number, number>();
  #array: Uint32Array | undefined;
  #arrayFrom = 0;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** How many durations there are. */
  get count(): number {
    return this.#count;
  }

  /** The longest one, exactly. */
  get max(): number {
    return this.#max;
  }

  /** @param nano 0 or more */
  add(nano: number): void {
    const bucket = bucketOf(nano);
    const inArray = this.#array?.[bucket - this.#arrayFrom];
    if (this.#array !== undefined && inArray !== undefined)
      this.#array[bucket - this.#arrayFrom] = inArray + 1;
    else this.#addToMap(bucket);
    this.#count += 1;
    if (nano < this.#min) this.#min = nano;
    if (nano > this.#max) this.#max = nano;
  }

  /**
   * The least duration that is not exceeded by this part of all: the nearest rank.
   * @param fractions between 0 and 1, ascending
   */
  percentiles(fractions: readonly number[]): number[] {
    const buckets = this.#sorted();
    let below = 0;
    let i = 0;
    return fractions.map((fraction) => {
      const rank = Math.max(1, Math.ceil(fraction * this.#count));
      while (below + (buckets[i]?.[1] ?? rank) < rank) {
        below += buckets[i]?.[1] ?? 0;
        i += 1;
      }
      const bucket = buckets[i]?.[0] ?? 0;
      const value = bucket === 0 ? 0 : middleOf(bucket);
      return Math.min(this.#max, Math.max(this.#min, value));
    });
  }

  #addToMap(bucket: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    if (this.#array !== undefined || this.#counts.size < manyBuckets) return;
    this.#array = new Uint32Array(arrayLength);
    this.#arrayFrom = Math.min(...this.#counts.keys()) - roomBelow;
    for (const [each, count] of [...this.#counts]) {
      if (each - this.#arrayFrom >= arrayLength) continue;
      this.#array[each - this.#arrayFrom] = count;
      this.#counts.delete(each);
    }
  }

  /** Buckets with how many durations are in each, ascending. */
  #sorted(): [number, number][] {
    const buckets = [...this.#counts];
    for (const [i, count] of this.#array?.entries() ?? []) {
      if (count > 0) buckets.push([this.#arrayFrom + i, count]);
    }
    return buckets.sort(([a], [b]) => a - b);
  }
}
