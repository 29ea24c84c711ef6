/** Which slabs are free. A run is one or more slabs side by side, for a request larger than one. */
export class SlabPool {
  readonly #taken: Uint8Array;
  /** Where the next search begins: going round keeps runs of slabs of one age side by side. */
  #next = 0;

  constructor(slabs: number) {
    this.#taken = new Uint8Array(slabs);
  }

  /** The first slab of a free run of this length, or undefined. Takes nothing yet. */
  findRun(length: number): number | undefined {
    const slabs = this.#taken.length;
    for (let tried = 0; tried < slabs; tried++) {
      const first = (this.#next + tried) % slabs;
      if (first + length <= slabs && this.#isFree(first, length)) return first;
    }
    return undefined;
  }

  take(first: number, length: number): void {
    this.#taken.fill(1, first, first + length);
    this.#next = (first + length) % this.#taken.length;
  }

  release(first: number, length: number): void {
    this.#taken.fill(0, first, first + length);
  }

  #isFree(first: number, length: number): boolean {
    for (let i = first; i < first + length; i++) {
      if (this.#taken[i] !== 0) return false;
    }
    return true;
  }
}
