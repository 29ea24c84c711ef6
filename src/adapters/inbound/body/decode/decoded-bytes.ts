import { type ByteInput, CorruptInput } from "./byte-input.ts";

/** Says that the output would be larger than allowed. */
export class OutputTooLarge extends Error {
  override readonly name = "OutputTooLarge";
}

const FIRST_BYTES = 65_536;
/** Copying fewer bytes one by one is faster than calling a method for them. */
const FEW_BYTES = 32;
/** The same bound for copies that overlap themselves, which take several calls. */
const FEW_OVERLAPPING_BYTES = 512;

/** The output of a decoder: it grows with what is decoded, and never over its limit. */
export class DecodedBytes {
  readonly #maxBytes: number;
  #buffer = new Uint8Array();
  length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes may follow. */
  get room(): number {
    return this.#maxBytes - this.length;
  }

  /** @throws CorruptInput, OutputTooLarge */
  append(input: ByteInput, count: number): void {
    this.#reserve(count);
    const buffer = this.#buffer;
    if (count > FEW_BYTES) {
      buffer.set(input.take(count), this.length);
    } else {
      for (let i = 0; i < count; i++) buffer[this.length + i] = input.byte();
    }
    this.length += count;
  }

  /**
   * Repeats bytes that were decoded before; they may reach into what is being written.
   * @throws CorruptInput, OutputTooLarge
   */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) throw new CorruptInput("a copy from before the start");
    this.#reserve(count);
    const buffer = this.#buffer;
    const from = this.length - distance;
    if (count <= (distance >= count ? FEW_BYTES : FEW_OVERLAPPING_BYTES)) {
      for (let i = 0; i < count; i++) buffer[this.length + i] = buffer[from + i] ?? 0;
    } else {
      // Each call copies all that there is of the pattern, so that the next one can copy twice as much.
      for (let copied = 0; copied < count; ) {
        const bytes = Math.min(distance + copied, count - copied);
        buffer.copyWithin(this.length + copied, from, from + bytes);
        copied += bytes;
      }
    }
    this.length += count;
  }

  /** What has been decoded from this position on. */
  from(start: number): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(start, this.length);
  }

  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed > this.#maxBytes) throw new OutputTooLarge();
    if (needed <= this.#buffer.byteLength) return;
    const size = Math.min(this.#maxBytes, Math.max(needed, 2 * this.#buffer.byteLength, FIRST_BYTES));
    const larger = new Uint8Array(size);
    larger.set(this.#buffer.subarray(0, this.length));
    this.#buffer = larger;
  }
}
