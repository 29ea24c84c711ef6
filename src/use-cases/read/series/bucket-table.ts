/** The buckets of all histograms of an answer, each by a number of its own. */
export class BucketTable {
  readonly #ids = new Map<number, Map<number, number>>();
  readonly #lows: number[] = [];
  readonly #highs: number[] = [];

  idOf(low: number, high: number): number {
    let byHigh = this.#ids.get(low);
    if (byHigh === undefined) {
      byHigh = new Map();
      this.#ids.set(low, byHigh);
    }
    let id = byHigh.get(high);
    if (id === undefined) {
      id = this.#lows.length;
      byHigh.set(high, id);
      this.#lows.push(low);
      this.#highs.push(high);
    }
    return id;
  }

  /**
   * The value below which this part of the measurements lies. Within a bucket they count as spread evenly, so that the
   * answer lies in the bucket that has it.
   * @param counts of measurements in each bucket, by its number
   */
  quantile(counts: ReadonlyMap<number, number>, part: number): number {
    const buckets = Array.from(counts, ([id, count]) => ({
      low: this.#lows[id] ?? 0,
      high: this.#highs[id] ?? 0,
      count,
    })).sort((a, b) => a.high - b.high || a.low - b.low);
    const rank = buckets.reduce((sum, { count }) => sum + count, 0) * part;
    let below = 0;
    for (const { low, high, count } of buckets) {
      if (below + count >= rank) return low + (high - low) * Math.max(0, (rank - below) / count);
      below += count;
    }
    return buckets.at(-1)?.high ?? 0;
  }
}
