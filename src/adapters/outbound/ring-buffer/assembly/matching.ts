// Whether a row meets the criteria of a search.

import { behindPrefix, equalBytes, hashBytes, prefixValue } from "../../../../otlp/scan/assembly/strings";
import {
  ROW_CATEGORY,
  ROW_NAME_AT,
  ROW_SERVICE_AT,
  ROW_STATUS,
  ROW_TIME,
  ROW_TIME_2,
  ROW_TRACE_ID,
} from "../../../../otlp/scan/layout";
import {
  CRITERIA_ATTRIBUTES_COUNT,
  CRITERIA_FLAGS,
  CRITERIA_KIND,
  CRITERIA_MAX_DURATION,
  CRITERIA_MIN_DURATION,
  CRITERIA_MIN_SEVERITY,
  CRITERIA_NAME_AT,
  CRITERIA_NAME_LENGTH,
  CRITERIA_SERVICE_AT,
  CRITERIA_SERVICE_LENGTH,
  CRITERIA_SINCE,
  CRITERIA_STATUS,
  CRITERIA_TRACE_ID,
  CRITERIA_TRACE_TABLE_AT,
  CRITERIA_TRACE_TABLE_LOG2,
  CRITERIA_UNTIL,
  FIND_ATTRIBUTES,
  FIND_KIND,
  FIND_MAX_DURATION,
  FIND_MIN_DURATION,
  FIND_MIN_SEVERITY,
  FIND_NAME,
  FIND_SERVICE,
  FIND_SINCE,
  FIND_STATUS,
  FIND_TRACE_ID,
  FIND_TRACES,
  FIND_UNTIL,
  TRACE_KEY_MULTIPLIER,
} from "../index-layout";
import { beginSearch, mayHaveAttributes } from "./attributes";

let wanted: u32 = 0;
let serviceHash: u32 = 0;
let nameHash: u32 = 0;

/** Four bytes that stand for a trace id: a search by trace goes over 4 bytes an item instead of a row. */
// @ts-ignore: decorator
@inline
export function traceKey(id: usize): u32 {
  return load<u32>(id) ^ load<u32>(id + 4) ^ load<u32>(id + 8) ^ load<u32>(id + 12);
}

/** Reads the criteria, before the first row of a search. */
export function beginMatching(): void {
  wanted = load<u32>(CRITERIA_FLAGS);
  serviceHash = hashBytes(load<u32>(CRITERIA_SERVICE_AT), load<u32>(CRITERIA_SERVICE_LENGTH));
  nameHash = hashBytes(load<u32>(CRITERIA_NAME_AT), load<u32>(CRITERIA_NAME_LENGTH));
  beginSearch((wanted & FIND_ATTRIBUTES) != 0 ? load<u32>(CRITERIA_ATTRIBUTES_COUNT) : 0);
}

export function matches(row: usize): bool {
  if (wanted == 0) return true;
  if ((wanted & FIND_TRACE_ID) != 0) {
    if (!equalBytes(row + ROW_TRACE_ID, CRITERIA_TRACE_ID, 16)) return false;
  }
  if ((wanted & FIND_TRACES) != 0 && !isOfTraces(row + ROW_TRACE_ID)) return false;
  if ((wanted & FIND_SERVICE) != 0) {
    if (!isString(row + ROW_SERVICE_AT, serviceHash, CRITERIA_SERVICE_AT)) return false;
  }
  if ((wanted & FIND_NAME) != 0) {
    if (!isString(row + ROW_NAME_AT, nameHash, CRITERIA_NAME_AT)) return false;
  }
  if ((wanted & FIND_KIND) != 0 && load<u8>(row + ROW_CATEGORY) != load<u8>(CRITERIA_KIND)) return false;
  if ((wanted & FIND_STATUS) != 0 && load<u8>(row + ROW_STATUS) != load<u8>(CRITERIA_STATUS)) return false;
  if ((wanted & FIND_MIN_SEVERITY) != 0 && load<u8>(row + ROW_CATEGORY) < load<u8>(CRITERIA_MIN_SEVERITY)) {
    return false;
  }
  if ((wanted & (FIND_MIN_DURATION | FIND_MAX_DURATION)) != 0) {
    const start = load<u64>(row + ROW_TIME);
    const end = load<u64>(row + ROW_TIME_2);
    // A time of 0 is not known, and without both times there is no duration.
    if (start == 0 || end == 0) return false;
    const duration: u64 = end > start ? end - start : 0;
    if ((wanted & FIND_MIN_DURATION) != 0 && duration < load<u64>(CRITERIA_MIN_DURATION)) return false;
    if ((wanted & FIND_MAX_DURATION) != 0 && duration > load<u64>(CRITERIA_MAX_DURATION)) return false;
  }
  if ((wanted & (FIND_SINCE | FIND_UNTIL)) != 0) {
    const time = load<u64>(row + ROW_TIME);
    if (time == 0) return false;
    if ((wanted & FIND_SINCE) != 0 && time < load<u64>(CRITERIA_SINCE)) return false;
    if ((wanted & FIND_UNTIL) != 0 && time >= load<u64>(CRITERIA_UNTIL)) return false;
  }
  return (wanted & FIND_ATTRIBUTES) == 0 || mayHaveAttributes(row);
}

/** Whether a trace id is in the table of the traces wanted. */
function isOfTraces(id: usize): bool {
  const table: usize = load<u32>(CRITERIA_TRACE_TABLE_AT);
  if (table == 0) return true;
  const low = load<u64>(id);
  const high = load<u64>(id + 8);
  let slot = firstSlot(traceKey(id));
  while (true) {
    const at = slotAt(table, slot);
    if (load<u64>(at) == low && load<u64>(at + 8) == high) return true;
    if (isFree(at)) return false;
    slot = nextSlot(slot);
  }
}

/** Whether a trace of this key is in the table of the traces wanted. */
export function isKeyOfTraces(key: u32): bool {
  const table: usize = load<u32>(CRITERIA_TRACE_TABLE_AT);
  if (table == 0) return true;
  let slot = firstSlot(key);
  while (true) {
    const at = slotAt(table, slot);
    if (isFree(at)) return false;
    if (traceKey(at) == key) return true;
    slot = nextSlot(slot);
  }
}

// @ts-ignore: decorator
@inline
function firstSlot(key: u32): u32 {
  return (key * <u32>TRACE_KEY_MULTIPLIER) >> (32 - load<u32>(CRITERIA_TRACE_TABLE_LOG2));
}

// @ts-ignore: decorator
@inline
function nextSlot(slot: u32): u32 {
  return (slot + 1) & ((1 << load<u32>(CRITERIA_TRACE_TABLE_LOG2)) - 1);
}

// @ts-ignore: decorator
@inline
function slotAt(table: usize, slot: u32): usize {
  return table + (<usize>slot << 4);
}

// @ts-ignore: decorator
@inline
function isFree(at: usize): bool {
  return (load<u64>(at) | load<u64>(at + 8)) == 0;
}

/** Whether the string that a row refers to (address, then hash) is that of the criteria (address, length). */
function isString(reference: usize, hash: u32, criterion: usize): bool {
  const at: usize = load<u32>(reference);
  const length = load<u32>(criterion + 4);
  if (at == 0) return length == 0;
  if (load<u32>(reference + 4) != hash || prefixValue(at) != length) return false;
  return equalBytes(behindPrefix(at), load<u32>(criterion), length);
}
