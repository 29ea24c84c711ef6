import { WireType } from "@bufbuild/protobuf/wire";
import type { FieldLayout, ValueKind } from "./message-layout.ts";

const billion = 1e9;
const twoTo32 = 2 ** 32;
/** A 64-bit number with a larger upper half is not exact as a double. */
const exactHigh = 2 ** 21;

/** A number of the wire in its two halves. One object serves all reads. */
const halves = { low: 0, high: 0 };

/** The JSON text of a scalar, without quotes. Only kinds that are of a bounded length. */
export function scalarText(kind: ValueKind, bytes: Uint8Array, at: number): string {
  switch (kind) {
    case "bool":
      readVarint(bytes, at);
      return halves.low === 0 && halves.high === 0 ? "false" : "true";
    case "int32":
      readVarint(bytes, at);
      return String(halves.low | 0);
    case "uint32":
      readVarint(bytes, at);
      return String(halves.low);
    case "sint32":
      readVarint(bytes, at);
      return String((halves.low >>> 1) ^ -(halves.low & 1));
    case "fixed32":
      return String(fixed32(bytes, at));
    case "double":
      return doubleText(doubleAt(bytes, at));
    case "int64":
      readVarint(bytes, at);
      return quoted(signedText(halves.low, halves.high));
    case "uint64":
      readVarint(bytes, at);
      return quoted(unsignedText(halves.low, halves.high));
    case "fixed64":
      return quoted(unsignedText(fixed32(bytes, at), fixed32(bytes, at + 4)));
    case "sfixed64":
      return quoted(signedText(fixed32(bytes, at), fixed32(bytes, at + 4)));
    default:
      throw new Error(`${kind} is no scalar of a bounded length`);
  }
}

/** Whether the value at [at, end) is the default of its kind, which is left out of JSON. */
export function isDefault({ kind }: FieldLayout, bytes: Uint8Array, at: number, end: number): boolean {
  switch (kind) {
    case "string":
    case "base64":
      return at === end;
    // Zeros are no id, and zero is the default of a number. Negative zero is not the default of a double.
    case "hex":
    case "double":
    case "fixed32":
    case "fixed64":
    case "sfixed64":
      return isAllZero(bytes, at, end);
    case "bool":
    case "int64":
    case "uint64":
      readVarint(bytes, at);
      return halves.low === 0 && halves.high === 0;
    default:
      readVarint(bytes, at);
      return halves.low === 0;
  }
}

function isAllZero(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; i++) {
    if (bytes[i] !== 0) return false;
  }
  return true;
}

/** JSON numbers lack NaN, the infinities and negative zero: these are written as strings. */
function doubleText(value: number): string {
  if (Object.is(value, -0)) return '"-0"';
  return Number.isFinite(value) ? String(value) : quoted(String(value));
}

function quoted(text: string): string {
  return `"${text}"`;
}

function signedText(low: number, high: number): string {
  if (high < 0x8000_0000) return unsignedText(low, high);
  const negated = -low >>> 0;
  return `-${unsignedText(negated, (~high >>> 0) + (negated === 0 ? 1 : 0))}`;
}

function unsignedText(low: number, high: number): string {
  if (high < exactHigh) return String(high * twoTo32 + low);
  // The number is divided by a billion in three steps of 16 bits and more, each of which is exact.
  const upper = (high % billion) * 0x1_0000 + (low >>> 16);
  const lower = (upper % billion) * 0x1_0000 + (low & 0xffff);
  const quotient =
    Math.floor(high / billion) * twoTo32 +
    Math.floor(upper / billion) * 0x1_0000 +
    Math.floor(lower / billion);
  return `${quotient}${String(lower % billion).padStart(9, "0")}`;
}

function readVarint(bytes: Uint8Array, at: number): void {
  let low = 0;
  let high = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i] ?? 0;
    const shift = 7 * i;
    const part = byte & 0x7f;
    if (shift < 28) low |= part << shift;
    else if (shift === 28) {
      low |= part << 28;
      high = part >>> 4;
    } else high |= shift < 64 ? part << (shift - 32) : 0;
    if (byte < 0x80) break;
  }
  halves.low = low >>> 0;
  halves.high = high >>> 0;
}

function fixed32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

const doubleBytes = new Uint8Array(8);
const doubleView = new DataView(doubleBytes.buffer);

function doubleAt(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) doubleBytes[i] = bytes[at + i] ?? 0;
  return doubleView.getFloat64(0, true);
}

/** Where the element of a packed value ends that begins at `at`. */
export function elementEnd({ wireType }: FieldLayout, bytes: Uint8Array, at: number, end: number): number {
  if (wireType === WireType.Bit64) return at + 8;
  if (wireType === WireType.Bit32) return at + 4;
  let last = at;
  while (last < end - 1 && (bytes[last] ?? 0) >= 0x80) last += 1;
  return last + 1;
}
