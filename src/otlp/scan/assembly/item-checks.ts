// What makes an item valid (docs/sending.md, "What is refused"): what the scan noted of the current item, and the checks on it.

import {
  ITEM_HISTOGRAM_POINT,
  ITEM_LOG_RECORD,
  ITEM_NUMBER_POINT,
  ITEM_OTHER_POINT,
  ITEM_PROFILE,
  ITEM_SPAN,
  REJECT_BUCKETS,
  REJECT_DEPTH,
  REJECT_NO_VALUE,
  REJECT_PARENT_ID_LENGTH,
  REJECT_PROFILE_ID,
  REJECT_SPAN_ID_LENGTH,
  REJECT_SPAN_ID_ZERO,
  REJECT_TIME_ZERO,
  REJECT_TRACE_ID_LENGTH,
  REJECT_TRACE_ID_ZERO,
  ROW_SPAN_ID,
  ROW_TIME,
  ROW_TRACE_ID,
} from "../layout";

/** DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK */
const NO_RECORDED_VALUE: u64 = 1;
export const NO_REASON: u32 = 0xffffffff;

/** Whether the scan is in an item, of which it may pause in the middle. */
export let isInItem: bool = false;

let traceIdLength: u32 = 0;
let spanIdLength: u32 = 0;
let parentIdLength: u32 = 0;
let hasValue: bool = false;
let hasNoRecordedValue: bool = false;
let buckets: u32 = 0;
let bounds: u32 = 0;
let isTooDeep: bool = false;

/** To be called when a scan begins: the one before may have ended in an item. */
export function leaveItem(): void {
  isInItem = false;
}

export function beginChecks(): void {
  isInItem = true;
  isTooDeep = false;
  traceIdLength = 0;
  spanIdLength = 0;
  parentIdLength = 0;
  hasValue = false;
  hasNoRecordedValue = false;
  buckets = 0;
  bounds = 0;
}

export function noteTraceId(length: u32): void {
  traceIdLength = length;
}

export function noteSpanId(length: u32): void {
  spanIdLength = length;
}

export function noteParentSpanId(length: u32): void {
  parentIdLength = length;
}

export function notePointFlags(flags: u64): void {
  hasNoRecordedValue = (flags & NO_RECORDED_VALUE) != 0;
}

export function noteTooDeep(): void {
  isTooDeep = true;
}

export function noteValue(): void {
  hasValue = true;
}

export function countBuckets(count: u32): void {
  buckets += count;
}

export function countBounds(count: u32): void {
  bounds += count;
}

/** The length or the count that `reasonToReject` names beside its reason. */
export let reasonDetail: u32 = 0;

/** Why the item of this kind, which has ended, must be rejected, as a REJECT_*; NO_REASON when it is valid. */
export function reasonToReject(kind: u32, row: usize): u32 {
  isInItem = false;
  reasonDetail = 0;
  if (isTooDeep) return REJECT_DEPTH;
  switch (kind) {
    case ITEM_SPAN:
      return reasonToRejectSpan(row);
    case ITEM_LOG_RECORD:
      return NO_REASON;
    case ITEM_PROFILE:
      if (traceIdLength == 0 || (traceIdLength == 16 && hasTraceId(row))) return NO_REASON;
      return reject(REJECT_PROFILE_ID, traceIdLength);
    case ITEM_NUMBER_POINT:
      if (!hasTime(row)) return REJECT_TIME_ZERO;
      return hasValue || hasNoRecordedValue ? NO_REASON : REJECT_NO_VALUE;
    case ITEM_HISTOGRAM_POINT:
      if (!hasTime(row)) return REJECT_TIME_ZERO;
      if (buckets == bounds + 1 || (buckets | bounds) == 0) return NO_REASON;
      return reject(REJECT_BUCKETS, buckets);
    case ITEM_OTHER_POINT:
      return hasTime(row) ? NO_REASON : REJECT_TIME_ZERO;
  }
  // A new kind of items needs its checks here.
  return unreachable();
}

function hasTime(row: usize): bool {
  return load<u64>(row + ROW_TIME) != 0;
}

function reasonToRejectSpan(row: usize): u32 {
  if (traceIdLength != 16) return reject(REJECT_TRACE_ID_LENGTH, traceIdLength);
  if (!hasTraceId(row)) return REJECT_TRACE_ID_ZERO;
  if (spanIdLength != 8) return reject(REJECT_SPAN_ID_LENGTH, spanIdLength);
  if (load<u64>(row + ROW_SPAN_ID) == 0) return REJECT_SPAN_ID_ZERO;
  if (parentIdLength != 0 && parentIdLength != 8) return reject(REJECT_PARENT_ID_LENGTH, parentIdLength);
  return NO_REASON;
}

function reject(reason: u32, detail: u32): u32 {
  reasonDetail = detail;
  return reason;
}

/** Whether the row has a trace id, or a profile id, that is not all zero. */
function hasTraceId(row: usize): bool {
  return (load<u64>(row + ROW_TRACE_ID) | load<u64>(row + ROW_TRACE_ID + 8)) != 0;
}
