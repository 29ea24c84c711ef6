import { WireType } from "@bufbuild/protobuf/wire";

/** A 64-bit integer takes this many, at seven bits a byte. */
const MAX_VARINT_BYTES = 10;

/** One field of an encoded message: where its tag, its value and its end are. Offsets are in bytes. */
export interface WireField {
  readonly number: number;
  readonly wireType: WireType;
  readonly tagAt: number;
  /** First byte of the value; behind the length prefix of a length-delimited one. */
  readonly valueAt: number;
  readonly end: number;
}

/**
 * Walks over the fields of an encoded message. The walk is the current field itself, so that a walk over the millions
 * of fields that a request can have allocates nothing; it takes some nanoseconds a field.
 *
 * The scanner has checked the bytes that it walks over; it only finds its way. In bytes that are not valid it stops
 * at the first field that is not whole, whose `end` is then past the end of the message.
 */
export class WireFields implements WireField {
  #bytes: Uint8Array;
  #limit: number;
  /** The varint read last. */
  #varint = 0;
  number = 0;
  wireType: WireType = WireType.Varint;
  tagAt = 0;
  valueAt = 0;
  end: number;

  /** Stands before the first field of the message in [at, end). */
  constructor(bytes: Uint8Array, at = 0, end = bytes.byteLength) {
    this.#bytes = bytes;
    this.#limit = end;
    this.end = at;
  }

  /** Begins another walk, with this same object. */
  restart(bytes: Uint8Array, at: number, end: number): void {
    this.#bytes = bytes;
    this.#limit = end;
    this.end = at;
  }

  /** Goes on to the next field. False when there is none. */
  next(): boolean {
    this.tagAt = this.end;
    if (this.tagAt >= this.#limit) return false;
    if (this.#takeShort()) return true;
    this.valueAt = this.#readVarint(this.tagAt);
    if (this.valueAt === 0) return false;
    this.wireType = this.#varint % 8;
    this.number = Math.floor(this.#varint / 8);
    this.end = this.#endOfValue();
    return true;
  }

  /** Takes a length-delimited field whose tag and length are one byte each, as most are. False for any other. */
  #takeShort(): boolean {
    const lengthAt = this.tagAt + 1;
    const tag = this.#bytes[this.tagAt]!;
    // The bit above those of a wire type and a small number says that the tag has more bytes.
    if ((tag & 0x87) !== WireType.LengthDelimited || lengthAt >= this.#limit) return false;
    const length = this.#bytes[lengthAt]!;
    if (length >= 0x80) return false;
    this.wireType = WireType.LengthDelimited;
    this.number = tag >> 3;
    this.valueAt = lengthAt + 1;
    this.end = this.valueAt + length;
    return true;
  }

  #endOfValue(): number {
    switch (this.wireType) {
      case WireType.Varint:
        return this.#readVarint(this.valueAt) || Number.POSITIVE_INFINITY;
      case WireType.LengthDelimited: {
        const start = this.#readVarint(this.valueAt);
        if (start === 0) return Number.POSITIVE_INFINITY;
        this.valueAt = start;
        return start + this.#varint;
      }
      case WireType.Bit64:
        return this.valueAt + 8;
      case WireType.Bit32:
        return this.valueAt + 4;
      default:
        return Number.POSITIVE_INFINITY;
    }
  }

  /** Reads a varint. Returns where it ends, or 0 when it does not. */
  #readVarint(at: number): number {
    let value = 0;
    let weight = 1;
    const end = Math.min(this.#limit, at + MAX_VARINT_BYTES);
    for (let position = at; position < end; position++) {
      const byte = this.#bytes[position] ?? 0;
      if (byte < 0x80) {
        this.#varint = value + byte * weight;
        return position + 1;
      }
      value += (byte - 0x80) * weight;
      weight *= 0x80;
    }
    return 0;
  }
}

/** A varint as a number (exact up to 2^53), or undefined when it does not end before `end`. */
export function readVarint(
  bytes: Uint8Array,
  at: number,
  end: number,
): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; at + i < end && i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[at + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}
