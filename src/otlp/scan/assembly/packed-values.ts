// Numbers of a repeated field in one value, back to back.

import { FAULT_PACKED, PACKED_FIXED64, PACKED_VARINT } from "../layout";
import { fault } from "./faults";
import { goOnAt, pause, pausedAt, stepEnd, wayAt } from "./steps";
import { readVarint } from "./varints";

/**
 * Whether the values in [p, p + length) are whole; false after a fault or when it pauses.
 * @param packed PACKED_* of the field
 * @param level on which it pauses, as if the values were fields of a message
 */
export function checkPacked(packed: u32, p: usize, length: u32, tagAt: usize, level: u32): bool {
  if (packed == PACKED_VARINT) {
    const end = p + length;
    if (pausedAt != 0) {
      p = wayAt(level);
      goOnAt(level);
    }
    const stop = end < stepEnd ? end : stepEnd;
    while (p < stop) {
      p = readVarint(p, end, tagAt);
      if (p == 0) return false;
    }
    return p < end ? pause(level, p) : true;
  }
  const mask: u32 = packed == PACKED_FIXED64 ? 7 : 3;
  return (length & mask) == 0 ? true : fault(FAULT_PACKED, tagAt, length);
}
