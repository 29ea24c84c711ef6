/** Samples in a row, one a second. */
const windowSamples = 60;

/** Watches whether a backlog does nothing but grow. */
export class BacklogGrowth {
  #start = 0;
  #last = 0;
  #samples = 0;

  /** @returns whether, for a minute, it has grown and never become less */
  sample(items: number): boolean {
    if (items < this.#last || this.#samples === 0) {
      this.#begin(items);
      return false;
    }
    this.#last = items;
    this.#samples += 1;
    if (this.#samples <= windowSamples) return false;
    const hasGrown = items > this.#start;
    this.#begin(items);
    return hasGrown;
  }

  #begin(items: number): void {
    this.#start = items;
    this.#last = items;
    this.#samples = 1;
  }
}
