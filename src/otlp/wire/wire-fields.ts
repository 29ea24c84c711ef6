import { WireType } from "@bufbuild/protobuf/wire";

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
 * The fields of the message in [at, end), in order, up to the first that is not whole (its `end` is then
 * past `end`). For cold paths: the scanner has checked, this only finds its way.
 */
export function* wireFields(bytes: Uint8Array, at: number, end: number): Generator<WireField> {
  let position = at;
  while (position < end) {
    const tagAt = position;
    const tag = readVarint(bytes, position, end);
    if (tag === undefined) return;
    const field = { number: Math.floor(tag.value / 8), wireType: tag.value % 8, tagAt };
    const value = valueBounds(bytes, field.wireType, tag.next, end);
    if (value === undefined) {
      yield { ...field, valueAt: tag.next, end: Number.POSITIVE_INFINITY };
      return;
    }
    yield { ...field, ...value };
    position = value.end;
  }
}

function valueBounds(
  bytes: Uint8Array,
  wireType: WireType,
  at: number,
  end: number,
): { valueAt: number; end: number } | undefined {
  switch (wireType) {
    case WireType.Varint: {
      const varint = readVarint(bytes, at, end);
      return varint && { valueAt: at, end: varint.next };
    }
    case WireType.LengthDelimited: {
      const length = readVarint(bytes, at, end);
      return length && { valueAt: length.next, end: length.next + length.value };
    }
    case WireType.Bit64:
      return { valueAt: at, end: at + 8 };
    case WireType.Bit32:
      return { valueAt: at, end: at + 4 };
    default:
      return undefined;
  }
}

/** A varint as a number (exact up to 2^53), or undefined when it does not end before `end`. */
export function readVarint(
  bytes: Uint8Array,
  at: number,
  end: number,
): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; at + i < end && i < 10; i++) {
    const byte = bytes[at + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}
