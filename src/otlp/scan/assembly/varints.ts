// Varints whose bytes nothing has checked before.

import { FAULT_VARINT_TOO_LONG, FAULT_VARINT_TRUNCATED } from "../layout";
import { fault } from "./faults";

// The value of the varint that `readVarint` went over.
export let varint: u64 = 0;

/**
 * The address after the varint at p, its value in `varint`; 0 after a fault, reported at tagAt. One of more than ten
 * bytes, or of more than 64 bits, is none (protobuf encoding, "Base 128 Varints").
 */
// @ts-ignore: decorator
@inline
export function readVarint(p: usize, end: usize, tagAt: usize): usize {
  // Tags and lengths of two bytes are frequent, and a call takes longer than reading them.
  if (p + 1 < end && load<u8>(p) > 0x7f && load<u8>(p, 1) < 0x80) {
    varint = (load<u8>(p) & 0x7f) | (<u64>load<u8>(p, 1) << 7);
    return p + 2;
  }
  return readByBytes(p, end, tagAt);
}

function readByBytes(p: usize, end: usize, tagAt: usize): usize {
  let value: u64 = 0;
  let shift: u64 = 0;
  while (p < end) {
    const byte = load<u8>(p++);
    value |= (<u64>(byte & 0x7f)) << shift;
    if (byte < 0x80) {
      if (shift == 63 && byte > 1) {
        fault(FAULT_VARINT_TOO_LONG, tagAt, 0);
        return 0;
      }
      varint = value;
      return p;
    }
    shift += 7;
    if (shift == 70) {
      fault(FAULT_VARINT_TOO_LONG, tagAt, 0);
      return 0;
    }
  }
  fault(FAULT_VARINT_TRUNCATED, tagAt, 0);
  return 0;
}

// The address after the varint that `peekVarint` read; `end` when there is no whole one.
export let peekedEnd: usize = 0;

/** The varint at p, which need not be sound. */
export function peekVarint(p: usize, end: usize): u64 {
  let value: u64 = 0;
  let shift: u64 = 0;
  while (p < end && shift < 70) {
    const byte = load<u8>(p++);
    value |= (<u64>(byte & 0x7f)) << shift;
    if (byte < 0x80) {
      peekedEnd = p;
      return value;
    }
    shift += 7;
  }
  peekedEnd = end;
  return 0;
}

/** Whether one varint of 64 bits at most fills [p, end). */
export function isWholeVarint(p: usize, end: usize): bool {
  const p0 = p;
  const last = end - 1;
  if (p > last || end - p > 10) return false;
  while (p < last) {
    if (load<u8>(p++) < 0x80) return false;
  }
  return load<u8>(last) < (end - p0 == 10 ? 2 : 0x80);
}
