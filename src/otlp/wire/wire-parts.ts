/** Where a message lies: its only part, or each when it was sent in several, which are merged. Offsets of bytes. */
export class WireParts {
  /** Start and end of each part. */
  #offsets = new Int32Array(2);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  startOf(part: number): number {
    return this.#offsets[2 * part] ?? 0;
  }

  endOf(part: number): number {
    return this.#offsets[2 * part + 1] ?? 0;
  }

  clear(): void {
    this.#count = 0;
  }

  add(start: number, end: number): void {
    if (2 * this.#count === this.#offsets.length) {
      const larger = new Int32Array(4 * this.#count);
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets[2 * this.#count] = start;
    this.#offsets[2 * this.#count + 1] = end;
    this.#count += 1;
  }
}
