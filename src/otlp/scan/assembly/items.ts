// What a request's items mean: the row under construction, the checks on it, and the rows staged so far.

import {
  ITEM_HISTOGRAM_POINT,
  ITEM_LOG_RECORD,
  ITEM_NUMBER_POINT,
  ITEM_OTHER_POINT,
  ITEM_PROFILE,
  ITEM_SPAN,
  OP_METRIC_NAME,
  OP_PARENT_SPAN_ID,
  OP_PROFILE_ID,
  OP_SPAN_ID,
  OP_STRING,
  OP_TRACE_ID,
  REASON_BYTES,
  REJECT_BUCKETS,
  REJECT_NO_VALUE,
  REJECT_PARENT_ID_LENGTH,
  REJECT_PROFILE_ID,
  REJECT_REASONS,
  REJECT_SPAN_ID_LENGTH,
  REJECT_SPAN_ID_ZERO,
  REJECT_TIME_ZERO,
  REJECT_TRACE_ID_LENGTH,
  REJECT_TRACE_ID_ZERO,
  RESULT_REASONS,
  ROW_BYTES,
  ROW_CATEGORY,
  ROW_ITEM_AT,
  ROW_ITEM_LENGTH,
  ROW_NAME_AT,
  ROW_NAME_HASH,
  ROW_PARENT_AT,
  ROW_RESOURCE_AT,
  ROW_SCOPE_AT,
  ROW_SERVICE_AT,
  ROW_SERVICE_HASH,
  ROW_SPAN_ID,
  ROW_TIME,
  ROW_TIME_2,
  ROW_TRACE_ID,
} from "../layout";
import { behindField, behindPrefix, hashBytes, prefixValue } from "./strings";

/** DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK */
const NO_RECORDED_VALUE: u64 = 1;
const NO_REASON: u32 = 0xffffffff;

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
let serviceAt: u32 = 0;
let serviceHash: u32 = 0;
let metricAt: u32 = 0;
let metricFirst: u32 = 0;
let metricNameAt: u32 = 0;
let metricNameHash: u32 = 0;
let metricType: u32 = 0;

// What the current item showed that is not in its row.
let traceIdLength: u32 = 0;
let spanIdLength: u32 = 0;
let parentIdLength: u32 = 0;
let hasValue: bool = false;
let hasNoRecordedValue: bool = false;
let buckets: u32 = 0;
let bounds: u32 = 0;

export function beginRows(at: usize, rows: u32): void {
  stage = at;
  stageRows = rows;
  stageEnd = at + <usize>rows * ROW_BYTES;
  row = at;
  accepted = 0;
  rejected = 0;
  memory.fill(RESULT_REASONS, 0, REJECT_REASONS * REASON_BYTES);
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

export function beginResource(lengthAt: usize): void {
  resourceAt = <u32>lengthAt;
  resourceFirst = accepted;
  scopeAt = 0;
  serviceAt = 0;
  serviceHash = 0;
}

/** The resource may come after its items, so they learn of the service when its container ends. */
export function endResource(): void {
  patchRows(resourceFirst, ROW_SERVICE_AT, serviceAt, serviceHash);
}

export function beginScope(lengthAt: usize): void {
  scopeAt = <u32>lengthAt;
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

export function beginItem(kind: u32, at: usize, length: u32): void {
  memory.fill(row, 0, ROW_BYTES);
  store<u32>(row + ROW_ITEM_AT, <u32>at);
  store<u32>(row + ROW_ITEM_LENGTH, length);
  store<u32>(row + ROW_RESOURCE_AT, resourceAt);
  store<u32>(row + ROW_SCOPE_AT, scopeAt);
  if (kind >= <u32>ITEM_NUMBER_POINT && kind <= <u32>ITEM_OTHER_POINT) {
    store<u32>(row + ROW_PARENT_AT, metricAt);
    store<u8>(row + ROW_CATEGORY, metricType);
    hasValue = false;
    hasNoRecordedValue = false;
    buckets = 0;
    bounds = 0;
  }
  traceIdLength = 0;
  spanIdLength = 0;
  parentIdLength = 0;
}

export function captureFixed64(offset: u32, value: u64): void {
  store<u64>(row + offset, value);
}

/** Keeps an enum, of whose varint the lowest 32 bits count (protobuf encoding, "Updating A Message Type"). */
export function captureEnum(offset: u32, value: u64): void {
  const low = <u32>value;
  store<u8>(row + offset, low > 255 ? 255 : <u8>low);
}

export function capturePointFlags(flags: u64): void {
  hasNoRecordedValue = (flags & NO_RECORDED_VALUE) != 0;
}

export function markValue(): void {
  hasValue = true;
}

export function countBuckets(count: u32): void {
  buckets += count;
}

export function countBounds(count: u32): void {
  bounds += count;
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
      traceIdLength = length;
      if (length == 16) {
        store<u64>(row + ROW_TRACE_ID, load<u64>(p));
        store<u64>(row + ROW_TRACE_ID + 8, load<u64>(p + 8));
      }
      break;
    }
    case OP_SPAN_ID: {
      spanIdLength = length;
      if (length == 8) store<u64>(row + ROW_SPAN_ID, load<u64>(p));
      break;
    }
    case OP_PARENT_SPAN_ID: {
      parentIdLength = length;
      break;
    }
    case OP_METRIC_NAME: {
      metricNameAt = <u32>lengthAt;
      metricNameHash = hashBytes(p, length);
      break;
    }
  }
}

/** Checks the item (DESIGN, "Validity") and keeps or rejects its row. */
export function endItem(kind: u32, at: usize): void {
  let reason: u32 = NO_REASON;
  let detail: u32 = 0;
  if (kind == ITEM_SPAN) {
    if (traceIdLength != 16) {
      reason = REJECT_TRACE_ID_LENGTH;
      detail = traceIdLength;
    } else if ((load<u64>(row + ROW_TRACE_ID) | load<u64>(row + ROW_TRACE_ID + 8)) == 0) {
      reason = REJECT_TRACE_ID_ZERO;
    } else if (spanIdLength != 8) {
      reason = REJECT_SPAN_ID_LENGTH;
      detail = spanIdLength;
    } else if (load<u64>(row + ROW_SPAN_ID) == 0) {
      reason = REJECT_SPAN_ID_ZERO;
    } else if (parentIdLength != 0 && parentIdLength != 8) {
      reason = REJECT_PARENT_ID_LENGTH;
      detail = parentIdLength;
    }
  } else if (kind == ITEM_LOG_RECORD) {
    // A log's own time is the observed time when it has no other (logs data model, "Timestamp"). A wrong
    // trace id merely does not correlate: an id of another length is not in the row.
    if (load<u64>(row + ROW_TIME) == 0) store<u64>(row + ROW_TIME, load<u64>(row + ROW_TIME_2));
    if (traceIdLength != 16) {
      store<u64>(row + ROW_TRACE_ID, 0);
      store<u64>(row + ROW_TRACE_ID + 8, 0);
    }
  } else if (kind == ITEM_PROFILE) {
    if (traceIdLength != 0) {
      if (traceIdLength != 16 || (load<u64>(row + ROW_TRACE_ID) | load<u64>(row + ROW_TRACE_ID + 8)) == 0) {
        reason = REJECT_PROFILE_ID;
        detail = traceIdLength;
      }
    }
  } else if (load<u64>(row + ROW_TIME) == 0) {
    reason = REJECT_TIME_ZERO;
  } else if (kind == ITEM_NUMBER_POINT) {
    if (!hasValue && !hasNoRecordedValue) reason = REJECT_NO_VALUE;
  } else if (kind == ITEM_HISTOGRAM_POINT) {
    if (buckets != bounds + 1 && (buckets | bounds) != 0) {
      reason = REJECT_BUCKETS;
      detail = buckets;
    }
  }
  if (reason == NO_REASON) {
    accepted++;
    row += ROW_BYTES;
    if (row == stageEnd) row = stage;
    return;
  }
  rejected++;
  const entry = <usize>RESULT_REASONS + <usize>(reason * REASON_BYTES);
  const count = load<u32>(entry);
  store<u32>(entry, count + 1);
  if (count == 0) {
    store<u32>(entry + 4, <u32>at);
    store<u32>(entry + 8, detail);
  }
}

const SERVICE_NAME_LENGTH: u32 = 12;

/**
 * Takes note of `service.name` when the KeyValue in [p, end), found to be sound, is that; of several the last counts,
 * and only a string names a service, as decoding has it. A field that comes twice counts by its last value, a message
 * that comes twice is one message in two parts.
 */
export function captureResourceAttribute(p: usize, end: usize): void {
  let isServiceName = false;
  let textAt: usize = 0;
  while (p < end) {
    const tag = prefixValue(p);
    p = behindPrefix(p);
    if (tag == 0x0a) {
      const length = prefixValue(p);
      const at = behindPrefix(p);
      isServiceName = length == SERVICE_NAME_LENGTH && isServiceNameKey(at);
      p = at + length;
    } else if (tag == 0x12) {
      const at = behindPrefix(p);
      const valueEnd = at + prefixValue(p);
      textAt = stringValueAt(at, valueEnd, textAt);
      p = valueEnd;
    } else {
      p = behindField(tag, p);
    }
  }
  if (!isServiceName) return;
  serviceAt = <u32>textAt;
  serviceHash = textAt == 0 ? 0 : hashBytes(behindPrefix(textAt), prefixValue(textAt));
}

/**
 * The length prefix of the string that the AnyValue in [p, end) holds, 0 when it holds another member of its oneof,
 * and what was there before it when it holds none.
 */
function stringValueAt(p: usize, end: usize, before: usize): usize {
  let textAt = before;
  while (p < end) {
    const tag = prefixValue(p);
    p = behindPrefix(p);
    const field = tag >> 3;
    // All known fields of AnyValue are members of the oneof; string_value is field 1.
    if (field <= LAST_ANY_VALUE_FIELD) textAt = field == 1 ? p : 0;
    p = behindField(tag, p);
  }
  return textAt;
}

/** AnyValue.string_value_strindex. */
const LAST_ANY_VALUE_FIELD: u32 = 8;

/** Whether the twelve bytes at p are "service.name". */
function isServiceNameKey(p: usize): bool {
  // Little-endian: "service." and "name".
  return load<u64>(p) == 0x2e65636976726573 && load<u32>(p + 8) == 0x656d616e;
}
