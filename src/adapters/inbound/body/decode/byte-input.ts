/** Says that compressed bytes are not valid. */
export class CorruptInput extends Error {
  override readonly name = "CorruptInput";
}

/** Reads the bytes of a compressed body in their order. */
export class ByteInput {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.byteLength;
  }

  /** @throws CorruptInput at the end, as all others */
  byte(): number {
    const byte = this.bytes[this.at];
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
    const end = this.at + count;
    if (end > this.bytes.byteLength) throw new CorruptInput("truncated");
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}
