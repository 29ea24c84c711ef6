// The rows of a request's items: the one under construction, and those staged so far.

import {
  ITEM_LOG_RECORD,
  ITEM_NUMBER_POINT,
  ITEM_OTHER_POINT,
  OP_METRIC_NAME,
  OP_PARENT_SPAN_ID,
  OP_PROFILE_ID,
  OP_SPAN_ID,
  OP_STRING,
  OP_TRACE_ID,
  REASON_BYTES,
  REJECT_REASONS,
  RESULT_REASONS,
  ROW_BYTES,
  ROW_CATEGORY,
  ROW_FINGERPRINT,
  ROW_HAS_LATE_CONTEXT,
  ROW_ITEM_AT,
  ROW_ITEM_LENGTH,
  ROW_NAME_AT,
  ROW_PARENT_AT,
  ROW_RESOURCE_AT,
  ROW_SCOPE_AT,
  ROW_SERVICE_AT,
  ROW_SPAN_ID,
  ROW_TIME,
  ROW_TIME_2,
  ROW_TRACE_ID,
} from "../layout";
import { control } from "./control";
import { beginFingerprint, fingerprint } from "./fingerprint";
import {
  NO_REASON,
  beginChecks,
  leaveItem,
  noteParentSpanId,
  noteSpanId,
  noteTraceId,
  reasonDetail,
  reasonToReject,
} from "./item-checks";
import { clearRow } from "./row-memory";
import { forgetService, serviceAt, serviceHash } from "./service-name";
import { hashBytes } from "./strings";

// The staged rows: a ring, so that of a request with more items than may be kept the newest stay.
let stage: usize = 0;
let stageEnd: usize = 0;
let stageRows: u32 = 0;
let row: usize = 0;
let accepted: u32 = 0;
let rejected: u32 = 0;

// Where the scan is.
let resourceAt: u32 = 0;
let resourceFirst: u32 = 0;
let scopeAt: u32 = 0;
// The first field of the container at hand, and whether one of the current resource has its context elsewhere.
let containerAt: usize = 0;
let hasLateContext: bool = false;
let metricAt: u32 = 0;
let metricFirst: u32 = 0;
let metricNameAt: u32 = 0;
let metricNameHash: u32 = 0;
let metricType: u32 = 0;

export function beginRows(at: usize, rows: u32): void {
  stage = at;
  stageRows = rows;
  stageEnd = at + <usize>rows * ROW_BYTES;
  row = at;
  accepted = 0;
  rejected = 0;
  leaveItem();
  for (let reason: u32 = 0; reason < <u32>REJECT_REASONS; reason++) store<u32>(reasonEntry(reason), 0);
}

/** Address of the count of a REJECT_* reason, with the first item that has it. */
// @ts-ignore: decorator
@inline
function reasonEntry(reason: u32): usize {
  return control + RESULT_REASONS + <usize>(reason * REASON_BYTES);
}

export function rowsAccepted(): u32 {
  return accepted;
}

export function rejectedItems(): u32 {
  return rejected;
}

/** Address of the row after the newest staged one. */
export function stagedNext(): usize {
  return row;
}

/** @param at of its first field */
export function beginResource(lengthAt: usize, at: usize): void {
  resourceAt = <u32>lengthAt;
  resourceFirst = accepted;
  scopeAt = 0;
  containerAt = at;
  hasLateContext = false;
  forgetService();
}

/** The resource may come after its items, so they learn of it when its container ends. */
export function endResource(): void {
  patchRows(resourceFirst, ROW_SERVICE_AT, serviceAt, serviceHash);
  if (hasLateContext) markLateContext();
}

/** @param at of its first field */
export function beginScope(lengthAt: usize, at: usize): void {
  scopeAt = <u32>lengthAt;
  containerAt = at;
}

/** Notes where the resource or the scope of the container at hand is, or a part of it. */
export function noteContext(tagAt: usize): void {
  if (tagAt != containerAt) hasLateContext = true;
}

export function beginMetric(lengthAt: usize): void {
  metricAt = <u32>lengthAt;
  metricFirst = accepted;
  metricNameAt = 0;
  metricNameHash = 0;
}

/** A metric's name may come after its points. */
export function endMetric(): void {
  patchRows(metricFirst, ROW_NAME_AT, metricNameAt, metricNameHash);
}

export function beginMetricData(type: u32): void {
  metricType = type;
}

/** Writes address and hash at `offset` into the staged rows from the `first`th accepted on. */
function patchRows(first: u32, offset: u32, at: u32, hash: u32): void {
  let count = accepted - first;
  if (count > stageRows) count = stageRows;
  let target = row;
  while (count > 0) {
    if (target == stage) target = stageEnd;
    target -= ROW_BYTES;
    store<u32>(target + offset, at);
    store<u32>(target + offset + 4, hash);
    count--;
  }
}

/** Marks the staged rows of the current resource. */
function markLateContext(): void {
  let count = min(accepted - resourceFirst, stageRows);
  for (let target = row; count > 0; count--) {
    if (target == stage) target = stageEnd;
    target -= ROW_BYTES;
    store<u8>(target + ROW_HAS_LATE_CONTEXT, 1);
  }
}

/** @param depth of its fields */
export function beginItem(kind: u32, at: usize, length: u32, depth: u32): void {
  clearRow(row);
  store<u32>(row + ROW_ITEM_AT, <u32>at);
  store<u32>(row + ROW_ITEM_LENGTH, length);
  store<u32>(row + ROW_RESOURCE_AT, resourceAt);
  store<u32>(row + ROW_SCOPE_AT, scopeAt);
  if (kind >= <u32>ITEM_NUMBER_POINT && kind <= <u32>ITEM_OTHER_POINT) {
    store<u32>(row + ROW_PARENT_AT, metricAt);
    store<u8>(row + ROW_CATEGORY, metricType);
  }
  beginFingerprint(depth);
  beginChecks();
}

export function captureFixed64(offset: u32, value: u64): void {
  store<u64>(row + offset, value);
}

/** Keeps an enum, of whose varint the lowest 32 bits count (protobuf encoding, "Updating A Message Type"). */
export function captureEnum(offset: u32, value: u64): void {
  const low = <u32>value;
  store<u8>(row + offset, low > 255 ? 255 : <u8>low);
}

/** A string or bytes field that the index wants. When a field comes twice, the last counts (protobuf). */
export function captureBytes(op: u32, offset: u32, lengthAt: usize, p: usize, length: u32): void {
  switch (op) {
    case OP_STRING: {
      store<u32>(row + offset, <u32>lengthAt);
      store<u32>(row + offset + 4, hashBytes(p, length));
      break;
    }
    case OP_PROFILE_ID:
    case OP_TRACE_ID: {
      noteTraceId(length);
      // A wrong trace id of a log merely does not correlate (logs data model, "TraceId").
      const isId = length == 16;
      store<u64>(row + ROW_TRACE_ID, isId ? load<u64>(p) : 0);
      store<u64>(row + ROW_TRACE_ID + 8, isId ? load<u64>(p + 8) : 0);
      break;
    }
    case OP_SPAN_ID: {
      noteSpanId(length);
      store<u64>(row + ROW_SPAN_ID, length == 8 ? load<u64>(p) : 0);
      break;
    }
    case OP_PARENT_SPAN_ID: {
      noteParentSpanId(length);
      break;
    }
    case OP_METRIC_NAME: {
      metricNameAt = <u32>lengthAt;
      metricNameHash = hashBytes(p, length);
      break;
    }
  }
}

/** Checks the item, and keeps or rejects its row. */
export function endItem(kind: u32, at: usize): void {
  if (kind == ITEM_LOG_RECORD) settleLogRecord();
  const reason = reasonToReject(kind, row);
  if (reason == NO_REASON) {
    store<u64>(row + ROW_FINGERPRINT, fingerprint);
    accepted++;
    row += ROW_BYTES;
    if (row == stageEnd) row = stage;
    return;
  }
  rejected++;
  const entry = reasonEntry(reason);
  const count = load<u32>(entry);
  store<u32>(entry, count + 1);
  if (count == 0) {
    store<u32>(entry + 4, <u32>at);
    store<u32>(entry + 8, reasonDetail);
  }
}

/** A log's own time is the observed time when it has no other (logs data model, "Timestamp"). */
function settleLogRecord(): void {
  if (load<u64>(row + ROW_TIME) == 0) store<u64>(row + ROW_TIME, load<u64>(row + ROW_TIME_2));
}
