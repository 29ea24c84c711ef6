// The scanner: one pass over the bytes of an Export*ServiceRequest that checks their structure down to the
// last field, checks the meaning of every item, and writes one index row an accepted item.
//
// It is generic over the signals: `walk` follows a schema table (see ../schema-table.ts) that says of each
// field of each message which wire type it has, which message it holds and what it means to the index. It
// allocates nothing, and cannot touch anything outside of its memory.

import {
  ENTRY_ACTION_SHIFT,
  ENTRY_ARGUMENT_SHIFT,
  ENTRY_KNOWN,
  ENTRY_MESSAGE_SHIFT,
  ENTRY_PACKED_SHIFT,
  ENTRY_WIRE_MASK,
  FAULT_DEPTH,
  FAULT_FIELD_NUMBER,
  FAULT_FIXED,
  FAULT_KNOWN_WIRE_TYPE,
  FAULT_LENGTH,
  FAULT_PACKED,
  FAULT_VARINT_TOO_LONG,
  FAULT_VARINT_TRUNCATED,
  FAULT_WIRE_TYPE,
  MAX_DEPTH,
  OP_BUCKET_COUNTS,
  OP_ENUM,
  OP_EXPLICIT_BOUNDS,
  OP_FIXED64,
  OP_POINT_FLAGS,
  OP_VALUE,
  PACKED_FIXED64,
  PACKED_VARINT,
  RESULT_ACCEPTED,
  RESULT_FAULT,
  RESULT_FAULT_AT,
  RESULT_FAULT_DETAIL,
  RESULT_REJECTED,
  RESULT_STAGED_NEXT,
  ROLE_ITEM,
  ROLE_KEY_VALUE,
  ROLE_METRIC,
  ROLE_METRIC_DATA,
  ROLE_RESOURCE_ATTRIBUTE,
  ROLE_RESOURCE_CONTAINER,
  ROLE_SCOPE_CONTAINER,
  TABLE,
  TABLE_FIELDS,
} from "../layout";
import {
  beginItem,
  beginMetric,
  beginMetricData,
  beginResource,
  beginRows,
  beginScope,
  captureBytes,
  captureEnum,
  captureFixed64,
  capturePointFlags,
  captureResourceAttribute,
  countBounds,
  countBuckets,
  endItem,
  endMetric,
  endResource,
  markValue,
  rejectedItems,
  rowsAccepted,
  stagedNext,
} from "./items";

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_LENGTH = 2;
const WIRE_FIXED32 = 5;

/**
 * Scans the request in [at, at + length) as the message at `root` of the schema table, staging its rows at
 * `stage`, a ring of `stageRows` rows. Results are in the control block. True: it is the message.
 */
export function scan(root: u32, at: usize, length: u32, stage: usize, stageRows: u32): bool {
  store<u32>(RESULT_FAULT, 0);
  beginRows(stage, stageRows);
  const whole = walk(root, at, at + length, 1);
  store<u32>(RESULT_ACCEPTED, rowsAccepted());
  store<u32>(RESULT_REJECTED, rejectedItems());
  store<u32>(RESULT_STAGED_NEXT, <u32>stagedNext());
  return whole;
}

function fault(code: u32, at: usize, detail: u32): bool {
  store<u32>(RESULT_FAULT, code);
  store<u32>(RESULT_FAULT_AT, <u32>at);
  store<u32>(RESULT_FAULT_DETAIL, detail);
  return false;
}

// The value of the varint that `readVarint` went over.
let varint: u64 = 0;

/**
 * The address after the varint at p, its value in `varint`; 0 after a fault, reported at tagAt. One of more than ten
 * bytes, or of more than 64 bits, is none (protobuf encoding, "Base 128 Varints").
 */
function readVarint(p: usize, end: usize, tagAt: usize): usize {
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

/** Walks the fields of one message in [p, end). False after a fault. */
function walk(message: u32, p: usize, end: usize, depth: u32): bool {
  const table = <usize>TABLE + <usize>(message * TABLE_FIELDS * 4);
  while (p < end) {
    const tagAt = p;
    let tag: u32 = load<u8>(p);
    if (tag < 0x80) {
      p++;
    } else {
      p = readVarint(p, end, tagAt);
      if (p == 0) return false;
      // A tag is a uint32, which fits five bytes. Protobuf-ES reads no others.
      if (varint > 0xffffffff || p - tagAt > 5) return fault(FAULT_FIELD_NUMBER, tagAt, 0);
      tag = <u32>varint;
    }
    const field = tag >> 3;
    const wire = tag & 7;
    if (field == 0) return fault(FAULT_FIELD_NUMBER, tagAt, 0);
    const entry: u32 = field < <u32>TABLE_FIELDS ? load<u32>(table + (<usize>field << 2)) : 0;
    if ((entry & ENTRY_KNOWN) != 0 && (entry & ENTRY_WIRE_MASK) != wire) {
      const packable = ((entry >> ENTRY_PACKED_SHIFT) & 3) != 0;
      if (!packable || wire != WIRE_LENGTH) return fault(FAULT_KNOWN_WIRE_TYPE, tagAt, wire);
    }
    const action = (entry >> ENTRY_ACTION_SHIFT) & 15;
    switch (wire) {
      case WIRE_LENGTH: {
        const lengthAt = p;
        let length: u32 = p < end ? load<u8>(p) : 0x80;
        if (length < 0x80) {
          p++;
        } else {
          p = readVarint(p, end, tagAt);
          if (p == 0) return false;
          if (varint > 0xffffffff) return fault(FAULT_LENGTH, tagAt, 0xffffffff);
          length = <u32>varint;
        }
        if (length > <u32>(end - p)) return fault(FAULT_LENGTH, tagAt, length);
        const child = (entry >> ENTRY_MESSAGE_SHIFT) & 0xff;
        if (action == ROLE_KEY_VALUE && isPlainAttribute(p, p + length, depth)) {
          p = skipPlainAttributes(p + length, end, tag, depth);
          break;
        }
        if (child != 0) {
          if (!enter(entry, child - 1, action, tagAt, lengthAt, p, length, depth)) return false;
        } else {
          const packed = (entry >> ENTRY_PACKED_SHIFT) & 3;
          if (packed != 0 && !checkPacked(packed, p, length, tagAt)) return false;
          if (action != 0) {
            if (action == OP_BUCKET_COUNTS) countBuckets(length >> 3);
            else if (action == OP_EXPLICIT_BOUNDS) countBounds(length >> 3);
            else captureBytes(action, entry >> ENTRY_ARGUMENT_SHIFT, lengthAt, p, length);
          }
        }
        p += length;
        break;
      }
      case WIRE_VARINT: {
        if (p < end && load<u8>(p) < 0x80) {
          varint = load<u8>(p);
          p++;
        } else {
          p = readVarint(p, end, tagAt);
          if (p == 0) return false;
        }
        if (action == OP_ENUM) captureEnum(entry >> ENTRY_ARGUMENT_SHIFT, varint);
        else if (action == OP_POINT_FLAGS) capturePointFlags(varint);
        break;
      }
      case WIRE_FIXED64: {
        if (end - p < 8) return fault(FAULT_FIXED, tagAt, 8);
        if (action == OP_FIXED64) captureFixed64(entry >> ENTRY_ARGUMENT_SHIFT, load<u64>(p));
        else if (action == OP_VALUE) markValue();
        else if (action == OP_BUCKET_COUNTS) countBuckets(1);
        else if (action == OP_EXPLICIT_BOUNDS) countBounds(1);
        p += 8;
        break;
      }
      case WIRE_FIXED32: {
        if (end - p < 4) return fault(FAULT_FIXED, tagAt, 4);
        p += 4;
        break;
      }
      default:
        return fault(FAULT_WIRE_TYPE, tagAt, wire);
    }
  }
  return true;
}

/** Walks the message of `length` bytes at p that a field holds, and does what its role asks for. */
function enter(
  entry: u32,
  message: u32,
  role: u32,
  tagAt: usize,
  lengthAt: usize,
  p: usize,
  length: u32,
  depth: u32,
): bool {
  const end = p + length;
  if (depth == MAX_DEPTH) return fault(FAULT_DEPTH, tagAt, 0);
  const argument = entry >> ENTRY_ARGUMENT_SHIFT;
  switch (role) {
    case ROLE_ITEM: {
      if (skipsPoints) return walk(message, p, end, depth + 1);
      beginItem(argument, p, length);
      if (!walk(message, p, end, depth + 1)) return false;
      endItem(argument, p);
      return true;
    }
    case ROLE_RESOURCE_CONTAINER: {
      beginResource(lengthAt);
      if (!walk(message, p, end, depth + 1)) return false;
      endResource();
      return true;
    }
    case ROLE_SCOPE_CONTAINER: {
      beginScope(lengthAt);
      return walk(message, p, end, depth + 1);
    }
    case ROLE_METRIC: {
      beginMetric(lengthAt);
      dataAt = lastDataOf(message, p, end);
      if (!walk(message, p, end, depth + 1)) return false;
      endMetric();
      return true;
    }
    case ROLE_METRIC_DATA: {
      beginMetricData(argument);
      skipsPoints = tagAt < dataAt;
      const whole = walk(message, p, end, depth + 1);
      skipsPoints = false;
      return whole;
    }
    case ROLE_RESOURCE_ATTRIBUTE: {
      if (!walk(message, p, end, depth + 1)) return false;
      captureResourceAttribute(p, end);
      return true;
    }
    default:
      return walk(message, p, end, depth + 1);
  }
}

// Of the metric at hand: the tag of the first field that counts of its oneof `data`.
let dataAt: usize = 0;
// Whether the points at hand belong to a member of the oneof that a later one replaces.
let skipsPoints: bool = false;

/**
 * Where the last member of the oneof `data` of the Metric in [p, end) begins. A member that is set after another one
 * replaces it; set twice in a row, it is one message in two parts (protobuf, "Oneof", "Last One Wins"). What is not
 * sound ends the look: `walk` says what is wrong with it.
 */
function lastDataOf(message: u32, p: usize, end: usize): usize {
  const table = <usize>TABLE + <usize>(message * TABLE_FIELDS * 4);
  let lastAt = p;
  let lastField: u32 = 0;
  while (p < end) {
    const tagAt = p;
    const tag = peekVarint(p, end);
    p = peekedEnd;
    const wire = <u32>tag & 7;
    if (wire == WIRE_LENGTH) {
      const length = peekVarint(p, end);
      p = peekedEnd;
      if (length > <u64>(end - p)) break;
      p += <usize>length;
      const field = <u32>(tag >> 3);
      const entry: u32 = field < <u32>TABLE_FIELDS ? load<u32>(table + (<usize>field << 2)) : 0;
      if (((entry >> ENTRY_ACTION_SHIFT) & 15) == ROLE_METRIC_DATA && field != lastField) {
        lastAt = tagAt;
        lastField = field;
      }
    } else if (wire == WIRE_VARINT) {
      peekVarint(p, end);
      p = peekedEnd;
    } else if (wire == WIRE_FIXED64) {
      p += 8;
    } else if (wire == WIRE_FIXED32) {
      p += 4;
    } else {
      break;
    }
  }
  return lastAt;
}

// The address after the varint that `peekVarint` read; `end` when there is no whole one.
let peekedEnd: usize = 0;

/** The varint at p, which need not be sound. */
function peekVarint(p: usize, end: usize): u64 {
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

/** The address after the plain attributes that follow at p under the same one-byte tag, back to back. */
function skipPlainAttributes(p: usize, end: usize, tag: u32, depth: u32): usize {
  while (p + 2 <= end && load<u8>(p) == tag) {
    const length: u32 = load<u8>(p, 1);
    const next = p + 2 + length;
    if (length > 0x7f || next > end || !isPlainAttribute(p + 2, next, depth)) break;
    p = next;
  }
  return p;
}

/**
 * Whether [p, end) is a KeyValue in the shape that every SDK writes: key (1), then value (2) with one string,
 * bool, int or double, all lengths in one byte. Most bytes of most requests are these, and here they are
 * checked without a call a level. What has another shape, right or wrong, is left to `walk`.
 */
// @ts-ignore: decorator
@inline
function isPlainAttribute(p: usize, end: usize, depth: u32): bool {
  // The KeyValue and its AnyValue are two levels. The smallest holds an empty key and a bool.
  if (depth + 2 > <u32>MAX_DEPTH || end - p < 6) return false;
  // Tag and length in one load; the mask leaves the tag and the length's high bit.
  const key: u32 = load<u16>(p);
  if ((key & 0x80ff) != 0x0a) return false;
  p += 2 + (key >> 8);
  if (p + 4 > end) return false;
  const value: u32 = load<u16>(p);
  p += 2;
  if ((value & 0x80ff) != 0x12 || p + (value >> 8) != end) return false;
  const content: u32 = load<u16>(p);
  switch (content & 0xff) {
    case 0x0a: // string_value, which ends with the AnyValue
      return p + 2 + (content >> 8) == end;
    case 0x10: // bool_value
    case 0x18: // int_value
      return content < 0x8000 ? p + 2 == end : isWholeVarint(p + 1, end);
    case 0x21: // double_value
      return p + 9 == end;
    default:
      return false;
  }
}

/** Whether one varint of 64 bits at most fills [p, end). */
function isWholeVarint(p: usize, end: usize): bool {
  const p0 = p;
  const last = end - 1;
  if (p > last || end - p > 10) return false;
  while (p < last) {
    if (load<u8>(p++) < 0x80) return false;
  }
  return load<u8>(last) < (end - p0 == 10 ? 2 : 0x80);
}

function checkPacked(packed: u32, p: usize, length: u32, tagAt: usize): bool {
  if (packed == PACKED_VARINT) {
    const end = p + length;
    while (p < end) {
      p = readVarint(p, end, tagAt);
      if (p == 0) return false;
    }
    return true;
  }
  const mask: u32 = packed == PACKED_FIXED64 ? 7 : 3;
  return (length & mask) == 0 ? true : fault(FAULT_PACKED, tagAt, length);
}
