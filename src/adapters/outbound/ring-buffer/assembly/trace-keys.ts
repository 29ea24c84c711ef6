// Passes over rows that are of no wanted trace by their keys alone, four bytes a row.

import {
  CRITERIA_FLAGS,
  CRITERIA_TRACE_BITS_AT,
  CRITERIA_TRACE_BITS_LOG2,
  CRITERIA_TRACE_ID,
  FIND_TRACE_ID,
  FIND_TRACES,
  TRACE_KEY_MULTIPLIER,
} from "../index-layout";
import { isKeyOfTraces, traceKey } from "./matching";

let isByTrace: bool = false;
let isByTraces: bool = false;
let wantedKey: u32 = 0;
let traceBits: usize = 0;
let traceBitsShift: u32 = 0;

/** Reads the criteria, before the first row of a search. */
export function beginTraceKeys(): void {
  const flags = load<u32>(CRITERIA_FLAGS);
  isByTrace = (flags & FIND_TRACE_ID) != 0;
  isByTraces = (flags & FIND_TRACES) != 0;
  wantedKey = traceKey(CRITERIA_TRACE_ID);
  traceBits = load<u32>(CRITERIA_TRACE_BITS_AT);
  traceBitsShift = 32 - load<u32>(CRITERIA_TRACE_BITS_LOG2);
}

/**
 * How many of `count` rows that lie side by side come before the first one that may be of a wanted trace.
 * @param key address of the key of the first row
 * @param step from one key to the next: 4, or -4 for a search downwards
 */
export function rowsOfOthers(key: usize, step: usize, count: u32): u32 {
  if (isByTrace) return keysUnlike(key, step, count);
  return isByTraces ? keysOfOthers(key, step, count) : 0;
}

function keysUnlike(key: usize, step: usize, count: u32): u32 {
  const wanted = wantedKey;
  let i: u32 = 0;
  while (i < count && load<u32>(key) != wanted) {
    key += step;
    i++;
  }
  return i;
}

/** Looks at four keys at a time: a branch for each would take longer than the rest. */
function keysOfOthers(key: usize, step: usize, count: u32): u32 {
  const bits = traceBits;
  const shift = traceBitsShift;
  let i: u32 = 0;
  while (true) {
    for (; i + 4 <= count; i += 4) {
      const second = key + step;
      const third = second + step;
      const fourth = third + step;
      const any =
        bitOf(bits, load<u32>(key), shift) |
        bitOf(bits, load<u32>(second), shift) |
        bitOf(bits, load<u32>(third), shift) |
        bitOf(bits, load<u32>(fourth), shift);
      if ((any & 1) != 0) break;
      key = fourth + step;
    }
    while (i < count && (bitOf(bits, load<u32>(key), shift) & 1) == 0) {
      key += step;
      i++;
    }
    // A look at the table takes less than one at a row, which is not in the cache of the processor.
    if (i >= count || isKeyOfTraces(load<u32>(key))) return i;
    key += step;
    i++;
  }
}

/** The lowest bit is that of a trace key in the table of bits of the traces wanted. */
// @ts-ignore: decorator
@inline
function bitOf(bits: usize, key: u32, shift: u32): u32 {
  const bit = (key * <u32>TRACE_KEY_MULTIPLIER) >> shift;
  return <u32>load<u8>(bits + (bit >> 3)) >> (bit & 7);
}
