/** The newest items of a server that decodes: what a Python `deque(maxlen=...)` is, on an array. */
export class ItemRing {
  readonly #slots: unknown[];
  #added = 0;

  constructor(capacity: number) {
    this.#slots = new Array(capacity).fill(undefined);
  }

  /** Items added so far. */
  get added(): number {
    return this.#added;
  }

  add(items: readonly unknown[]): void {
    for (const item of items) {
      this.#slots[this.#added % this.#slots.length] = item;
      this.#added += 1;
    }
  }
}

/** As many as obsvty keeps by default (MAX_BUFFER_SIZE). */
export const ringCapacity = 10_000;
