// Attributes in the shape in which nearly all exporters write them: `{"key":"k","value":{"stringValue":"v"}}`, without
// white space, and so short that all lengths take one byte. Most of the text of most requests is these, and here they
// are read without a frame for each object. Other shapes are left to the reading of messages.

import { MAX_DEPTH } from "../../scan/layout";
import { KIND_INT64 } from "../reader-layout";
import { Cursor } from "./cursor";
import { readInteger, writeBool, writeInteger, writeNumber, writeWord } from "./scalars";
import { uncommonBytes } from "./strings";
import { Field } from "./table";
import { byteAt, COLON, QUOTE } from "./text";

const KEY: u64 = 0x223a2279656b227b; // {"key":"
const VALUE: u64 = 0x65756c6176222c22; // ","value
const OPEN_VALUE: u32 = 0x227b3a22; // ":{"
const STRING_VA: u64 = 0x6156676e69727473; // stringVa
const INT_VALUE: u64 = 0x65756c6156746e69; // intValue
const BOOL_VALU: u64 = 0x756c61566c6f6f62; // boolValu
const DOUBLE_VA: u64 = 0x6156656c62756f64; // doubleVa
const LUE: u32 = 0x2265756c; // lue"
const E_COLON: u32 = 0x3a2265; // e":
const END_OF_NAME: u32 = 0x3a22; // ":
const COLON_QUOTE: u32 = 0x223a; // :"
const CLOSE_BOTH: u32 = 0x7d7d; // }}

const LONGEST: usize = 0x7f;

/** Writes the attribute at the cursor, and moves the cursor behind it. False when it has another shape. */
export function writePlainAttribute(field: Field, depth: u32): bool {
  const at = Cursor.at;
  // The KeyValue and its AnyValue are two levels.
  if (load<u64>(at) != KEY || depth + 2 > <u32>MAX_DEPTH) return false;
  const out = Cursor.out;
  const attributeAt = out + field.tagBytes + 1;
  const keyAt = attributeAt + 2;
  const keyEnd = copyPlain(at + 8, keyAt);
  if (keyEnd == 0 || load<u64>(keyEnd) != VALUE || load<u32>(keyEnd, 8) != OPEN_VALUE) return false;
  const keyLength = keyEnd - at - 8;
  const valueAt = keyAt + keyLength + 2;
  Cursor.at = keyEnd + 12;
  Cursor.out = valueAt;
  const length = writePlainValue(valueAt) ? Cursor.out - attributeAt : LONGEST + 1;
  if (length > LONGEST || load<u16>(Cursor.at) != CLOSE_BOTH) {
    Cursor.at = at;
    Cursor.out = out;
    return false;
  }
  Cursor.at += 2;
  store<u16>(out, <u16>field.tag);
  store<u8>(attributeAt - 1, <u8>length);
  store<u8>(attributeAt, 0x0a); // key
  store<u8>(attributeAt, <u8>keyLength, 1);
  store<u8>(valueAt - 2, 0x12); // value
  store<u8>(valueAt - 1, <u8>(Cursor.out - valueAt));
  return true;
}

/** Writes the member at the cursor, of an AnyValue, to `out`. False when it has another shape. */
function writePlainValue(out: usize): bool {
  const at = Cursor.at;
  const name = load<u64>(at);
  if (name == STRING_VA) {
    if (load<u32>(at, 8) != LUE || load<u16>(at, 12) != COLON_QUOTE) return false;
    const end = copyPlain(at + 14, out + 2);
    if (end == 0) return false;
    const length = end - at - 14;
    store<u8>(out, 0x0a); // string_value
    store<u8>(out, <u8>length, 1);
    Cursor.at = end + 1;
    Cursor.out = out + 2 + length;
    return true;
  }
  Cursor.out = out + 1;
  if (name == INT_VALUE) {
    store<u8>(out, 0x18); // int_value
    Cursor.at = at + 10;
    return load<u16>(at, 8) == END_OF_NAME && readInteger() && writeInteger(KIND_INT64);
  }
  if (name == BOOL_VALU) {
    store<u8>(out, 0x10); // bool_value
    Cursor.at = at + 11;
    return (load<u32>(at, 8) & 0xffffff) == E_COLON && writeBool();
  }
  if (name == DOUBLE_VA) {
    store<u8>(out, 0x21); // double_value
    Cursor.at = at + 13;
    return load<u32>(at, 8) == LUE && byteAt(at + 12) == COLON && (writeWord() || writeNumber());
  }
  return false;
}

/**
 * Copies a string that needs nothing but that, and that is not too long. Returns the address of its closing quote; 0
 * when it is another one.
 */
function copyPlain(from: usize, to: usize): usize {
  const last = from + LONGEST;
  while (from < last) {
    const text = v128.load(from);
    v128.store(to, text);
    const uncommon = uncommonBytes(text);
    if (uncommon != 0) {
      from += ctz(uncommon);
      return byteAt(from) == QUOTE ? from : 0;
    }
    from += 16;
    to += 16;
  }
  return 0;
}
