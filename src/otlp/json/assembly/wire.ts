// The encoded request: tags, varints and lengths (Protocol Buffers encoding).

import { Cursor } from "./cursor";
import { Field } from "./table";
import { Work } from "./work";

export function writeTag(field: Field): void {
  store<u16>(Cursor.out, <u16>field.tag);
  Cursor.out += field.tagBytes;
}

export function writeVarint(value: u64): void {
  let out = Cursor.out;
  while (value > 0x7f) {
    store<u8>(out++, <u8>value | 0x80);
    value >>= 7;
  }
  store<u8>(out, <u8>value);
  Cursor.out = out + 1;
}

export function writeFixed32(value: u32): void {
  store<u32>(Cursor.out, value);
  Cursor.out += 4;
}

export function writeFixed64(value: u64): void {
  store<u64>(Cursor.out, value);
  Cursor.out += 8;
}

export function writeDouble(value: f64): void {
  store<f64>(Cursor.out, value);
  Cursor.out += 8;
}

/** How many bytes a length takes as a varint. */
function bytesOfLength(length: u32): u32 {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4;
}


/**
 * Writes the length of what ends where the output ends, and moves it when the length takes another number of bytes.
 * @param lengthAt where the length goes, for which `reserved` bytes are left free
 * @returns how many bytes the length takes
 */
export function endLengthDelimited(lengthAt: usize, reserved: u32): u32 {
  const from = lengthAt + reserved;
  const length = <u32>(Cursor.out - from);
  const needed = bytesOfLength(length);
  if (needed != reserved) {
    memory.copy(lengthAt + needed, from, length);
    Work.extra += length >> 4;
  }
  Cursor.out = lengthAt;
  writeVarint(length);
  Cursor.out += length;
  return needed;
}
