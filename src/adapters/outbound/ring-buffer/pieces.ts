/** From this length on, copying by `set` costs less than byte by byte. */
const MANY_BYTES = 64;

/**
 * Pieces of a source, put together. A message can come in millions of pieces of a few bytes, so that an array for each
 * of them would take a second.
 */
export class Pieces {
  readonly #source: Uint8Array;
  #bytes = new Uint8Array(256);
  #length = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** Adds what the source has in [from, to). */
  add(from: number, to: number): void {
    const end = this.#length + to - from;
    if (end > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.byteLength * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    if (to - from >= MANY_BYTES) {
      this.#bytes.set(this.#source.subarray(from, to), this.#length);
    } else {
      for (let i = from, at = this.#length; i < to; i++, at++) this.#bytes[at] = this.#source[i] ?? 0;
    }
    this.#length = end;
  }

  clear(): void {
    this.#length = 0;
  }

  /** A copy of everything added. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  get byteLength(): number {
    return this.#length;
  }
}
