/** Says that compressed bytes are not valid. */
export class CorruptInput extends Error {
  override readonly name = "CorruptInput";
}

/** Reads the bytes of a compressed body in their order. */
export class ByteInput {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  at: number;

  /** @param at @param end where to begin and to end in the bytes */
  constructor(bytes: Uint8Array, at = 0, end = bytes.byteLength) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.at;
  }

  /** @throws CorruptInput at the end, as all others */
  byte(): number {
    const byte = this.at < this.#end ? this.#bytes[this.at] : undefined;
    if (byte === undefined) throw new CorruptInput("truncated");
    this.at += 1;
    return byte;
  }

  /** An unsigned little-endian number of up to four bytes. */
  number(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) value += this.byte() * 2 ** (8 * i);
    return value;
  }

  take(count: number): Uint8Array {
    const start = this.at;
    this.#skip(count);
    return this.#bytes.subarray(start, this.at);
  }

  /** The next bytes as an input of their own, whose positions are those of the whole. */
  part(count: number): ByteInput {
    const start = this.at;
    this.#skip(count);
    return new ByteInput(this.#bytes, start, this.at);
  }

  rest(): Uint8Array {
    return this.between(this.at, this.#end);
  }

  /** The bytes between two positions. */
  between(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  #skip(count: number): void {
    if (count > this.left) throw new CorruptInput("truncated");
    this.at += count;
  }
}
