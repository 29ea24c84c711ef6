/** Which slabs are free. A run is one or more slabs side by side, for a request larger than one. */
export class SlabPool {
  readonly #taken: Uint8Array;
  /** Where the next search begins: going round keeps runs of slabs of one age side by side. */
  #next = 0;
  /**
   * Slabs from here on were never used. They are used only when no other is free: memory that was written
   * before is in the caches and is paid for.
   */
  #touched = 0;

  constructor(slabs: number) {
    this.#taken = new Uint8Array(slabs);
  }

  /** A pool in the same state, to try what would become free. */
  copy(): SlabPool {
    const copy = new SlabPool(this.#taken.length);
    copy.#taken.set(this.#taken);
    copy.#next = this.#next;
    copy.#touched = this.#touched;
    return copy;
  }

  /** The first slab of a free run of this length, or undefined. Takes nothing yet. */
  findRun(length: number): number | undefined {
    const seen = this.#touched;
    for (let tried = 0; tried < seen; tried++) {
      const first = (this.#next + tried) % seen;
      if (first + length <= seen && this.isFree(first, length)) return first;
    }
    let first = seen;
    while (first > 0 && this.#taken[first - 1] === 0) first -= 1;
    return first + length <= this.#taken.length ? first : undefined;
  }

  take(first: number, length: number): void {
    if (length === 0) return;
    this.#taken.fill(1, first, first + length);
    this.#touched = Math.max(this.#touched, first + length);
    this.#next = (first + length) % this.#touched;
  }

  release(first: number, length: number): void {
    this.#taken.fill(0, first, first + length);
  }

  /** Whether this many slabs from this one on exist and are free. */
  isFree(first: number, length: number): boolean {
    if (first + length > this.#taken.length) return false;
    for (let i = first; i < first + length; i++) {
      if (this.#taken[i] !== 0) return false;
    }
    return true;
  }
}
