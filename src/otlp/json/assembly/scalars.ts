// Scalar values: from JSON to protobuf. ProtoJSON (protobuf.dev/programming-guides/json): numbers may be strings;
// 64-bit integers keep all digits.

import {
  KIND_BOOL,
  KIND_BYTES,
  KIND_DOUBLE,
  KIND_ENUM,
  KIND_FIXED32,
  KIND_FIXED64,
  KIND_HEX_ID,
  KIND_INT32,
  KIND_INT64,
  KIND_NUMBER,
  KIND_PROFILE_ID,
  KIND_SFIXED64,
  KIND_SINT32,
  KIND_STRING,
  KIND_UINT32,
  KIND_UINT64,
  MARGIN,
} from "../reader-layout";
import { writeBase64, writeHex } from "./bytes";
import { Cursor } from "./cursor";
import { Decimal, Integer, parseDecimal, toDouble, toInteger } from "./decimal";
import { Copied, copyString } from "./strings";
import { copyInQuotes, Field, findName, Named } from "./table";
import { ALSE, BACKSLASH, byteAt, MINUS, QUOTE, specialAt, TRUE } from "./text";
import { endLengthDelimited, writeDouble, writeFixed32, writeFixed64, writeVarint } from "./wire";

/** How the request writes its ids. */
export class Ids {
  static areBase64: bool = false;
}

/**
 * Writes the value at the cursor, without a tag, and moves the cursor behind it. False when the value does not fit the
 * field, or is no JSON; then the cursor stays.
 */
export function writeScalar(field: Field): bool {
  const at = Cursor.at;
  const out = Cursor.out;
  if (writePlain(field)) return true;
  Cursor.out = out;
  Cursor.at = at;
  if (byteAt(at) != QUOTE || byteAt(specialAt(at + 1)) != BACKSLASH || field.kind == KIND_STRING) return false;
  // Numbers, names and ids may be written with escapes, though nobody does: they are read from a copy without.
  const copy = out + MARGIN;
  const length = copyInQuotes(at, copy);
  if (length == 0) return false;
  const end = Named.end;
  Cursor.at = copy;
  const fits = writePlain(field) && Cursor.at == copy + length;
  Cursor.at = fits ? end : at;
  if (!fits) Cursor.out = out;
  return fits;
}

/**
 * Does what `writeScalar` does, for values without escapes, and with a cursor that may be anywhere after a failure.
 */
function writePlain(field: Field): bool {
  switch (<i32>field.kind) {
    case KIND_STRING:
      return writeString();
    case KIND_BOOL:
      return writeBool();
    case KIND_DOUBLE:
      return writeWord() || writeNumber();
    case KIND_NUMBER:
      return writeNumber();
    case KIND_HEX_ID:
      return Ids.areBase64 ? writeBase64() : writeHex();
    case KIND_PROFILE_ID:
      return Ids.areBase64 ? writeBase64() : writeProfileId();
    case KIND_BYTES:
      return writeBase64();
    case KIND_ENUM:
      return writeEnum(field);
    default:
      return readInteger() && writeInteger(field.kind);
  }
}

function writeString(): bool {
  if (byteAt(Cursor.at) != QUOTE) return false;
  const lengthAt = Cursor.out;
  const end = copyString(Cursor.at + 1, lengthAt + 1);
  if (end == 0) return false;
  Cursor.at = end;
  Cursor.out = Copied.end;
  const length = Copied.end - lengthAt - 1;
  if (length < 0x80) store<u8>(lengthAt, <u8>length);
  else endLengthDelimited(lengthAt, 1);
  return true;
}

export function writeBool(): bool {
  const isTrue = load<u32>(Cursor.at) == TRUE;
  if (!isTrue && (byteAt(Cursor.at) != 0x66 || load<u32>(Cursor.at, 1) != ALSE)) return false;
  Cursor.at += isTrue ? 4 : 5;
  writeVarint(isTrue ? 1 : 0);
  return true;
}

/** Reads a number, also in quotes, into `Decimal`. */
// @ts-ignore: decorator
@inline
function readDecimal(isText: bool): bool {
  const end = parseDecimal(isText ? Cursor.at + 1 : Cursor.at, isText);
  if (end == 0 || (isText && byteAt(end) != QUOTE)) return false;
  Cursor.at = isText ? end + 1 : end;
  return true;
}

/** Writes the nearest double of a number. */
export function writeNumber(): bool {
  if (!readDecimal(byteAt(Cursor.at) == QUOTE)) return false;
  writeDouble(toDouble());
  return true;
}

/** `NaN"` and `Infinity`. */
const NAN_QUOTE: u32 = 0x224e614e;
const INFINITY: u64 = 0x7974696e69666e49;

/** Writes NaN and the infinities (ProtoJSON). */
export function writeWord(): bool {
  if (byteAt(Cursor.at) != QUOTE) return false;
  const p = Cursor.at + 1;
  if (load<u32>(p) == NAN_QUOTE) {
    Cursor.at = p + 4;
    writeDouble(NaN);
    return true;
  }
  const isNegative = byteAt(p) == MINUS;
  const word = isNegative ? p + 1 : p;
  if (load<u64>(word) != INFINITY || byteAt(word + 8) != QUOTE) return false;
  Cursor.at = word + 9;
  writeDouble(isNegative ? -Infinity : Infinity);
  return true;
}

/** Reads a whole number into `Integer`. */
export function readInteger(): bool {
  const isText = byteAt(Cursor.at) == QUOTE;
  return readDecimal(isText) && toInteger(isText);
}

/** Writes what `readInteger` read. False when it is out of range. */
export function writeInteger(kind: i32): bool {
  const isNegative = Integer.isNegative && Integer.magnitude != 0;
  const magnitude = Integer.magnitude;
  const value = isNegative ? -magnitude : magnitude;
  switch (kind) {
    case KIND_INT32:
    case KIND_SINT32: {
      if (magnitude > (isNegative ? 0x80000000 : 0x7fffffff)) return false;
      writeVarint(kind == KIND_INT32 ? value : (value << 1) ^ (<u64>(<i64>value >> 63)));
      return true;
    }
    case KIND_UINT32:
    case KIND_FIXED32: {
      if (isNegative || magnitude > 0xffffffff) return false;
      if (kind == KIND_UINT32) writeVarint(magnitude);
      else writeFixed32(<u32>magnitude);
      return true;
    }
    case KIND_INT64:
    case KIND_SFIXED64: {
      if (magnitude > (isNegative ? 0x8000000000000000 : 0x7fffffffffffffff)) return false;
      if (kind == KIND_INT64) writeVarint(value);
      else writeFixed64(value);
      return true;
    }
    case KIND_UINT64:
    case KIND_FIXED64: {
      if (isNegative) return false;
      if (kind == KIND_UINT64) writeVarint(magnitude);
      else writeFixed64(magnitude);
      return true;
    }
    default:
      return false;
  }
}

/**
 * OTLP/JSON writes enums as numbers, and unknown ones are accepted. Names are accepted too, because generic ProtoJSON
 * writers use them.
 */
function writeEnum(field: Field): bool {
  if (byteAt(Cursor.at) == QUOTE) {
    const name = findName(field.names, Cursor.at, Cursor.out + MARGIN);
    if (name != null) {
      Cursor.at = Named.end;
      writeVarint(<u64>(<i64>(<i32>name.value)));
      return true;
    }
  }
  return readInteger() && writeInteger(KIND_INT32);
}

/** The specification does not list profile ids as hex, but the Collector writes them so: both are accepted. */
function writeProfileId(): bool {
  const at = Cursor.at;
  const out = Cursor.out;
  if (specialAt(at + 1) == at + 33 && writeHex()) return true;
  Cursor.at = at;
  Cursor.out = out;
  return writeBase64();
}
