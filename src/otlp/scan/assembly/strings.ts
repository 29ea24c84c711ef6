// Length-prefixed strings in the memory, and the hash that the index keeps of them.

import { WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT } from "./wire-types";

/** The length prefix at `at` (which a scan has found to be sound). */
export function prefixValue(at: usize): u32 {
  let value: u32 = 0;
  let shift: u32 = 0;
  let byte: u32;
  do {
    byte = load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte > 0x7f);
  return value;
}

/** The address of the first byte behind the length prefix at `at`. */
export function behindPrefix(at: usize): usize {
  while (load<u8>(at++) > 0x7f);
  return at;
}

/** The address after the value at p (which a scan has found to be sound) of a field with this tag. */
export function behindField(tag: u32, p: usize): usize {
  switch (tag & 7) {
    case WIRE_VARINT:
      return behindPrefix(p);
    case WIRE_FIXED64:
      return p + 8;
    case WIRE_LENGTH:
      return behindPrefix(p) + prefixValue(p);
    default:
      return p + 4;
  }
}

/** A 32-bit hash of bytes, eight at a time. It only narrows a search; equality is always checked. */
export function hashBytes(p: usize, length: u32): u32 {
  let hash: u64 = 0x9e3779b97f4a7c15 ^ length;
  const end = p + length;
  while (p + 8 < end) {
    hash = (hash ^ load<u64>(p)) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
    p += 8;
  }
  let tail: u64 = 0;
  // The last eight bytes, also where some of them have been counted.
  if (length >= 8) tail = load<u64>(end - 8);
  else while (p < end) tail = (tail << 8) | load<u8>(p++);
  hash = (hash ^ tail) * 0xc4ceb9fe1a85ec53;
  return <u32>(hash >> 32);
}

export function equalBytes(a: usize, b: usize, length: u32): bool {
  return memory.compare(a, b, length) == 0;
}
