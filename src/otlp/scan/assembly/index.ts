// The scanner: one pass over the bytes of an Export*ServiceRequest that checks their structure down to the last field,
// checks the meaning of every item, and writes one index row an accepted item.
//
// It is generic over the signals: `walk` follows a schema table (see ../schema-table.ts) that says of each field of each
// message which wire type it has, which message it holds and what it means to the index. It allocates nothing, and cannot
// touch anything outside of its memory.

import {
  ENTRY_ACTION_SHIFT,
  ENTRY_ARGUMENT_SHIFT,
  ENTRY_KNOWN,
  ENTRY_MESSAGE_SHIFT,
  ENTRY_PACKED_SHIFT,
  ENTRY_WIRE_MASK,
  FAULT_DEPTH,
  FAULT_FIELD_NUMBER,
  FAULT_FIELDS,
  FAULT_FIXED,
  FAULT_KNOWN_WIRE_TYPE,
  FAULT_LENGTH,
  FAULT_WIRE_TYPE,
  MAX_DEPTH,
  MAX_DEPTH_READ,
  OP_BUCKET_COUNTS,
  OP_ENUM,
  OP_EXPLICIT_BOUNDS,
  OP_FIXED64,
  OP_POINT_FLAGS,
  OP_VALUE,
  RESULT_ACCEPTED,
  RESULT_FAULT,
  RESULT_REJECTED,
  RESULT_STAGED_NEXT,
  ROLE_CONTEXT,
  ROLE_ITEM,
  ROLE_KEY_VALUE,
  ROLE_METRIC,
  ROLE_METRIC_DATA,
  ROLE_RESOURCE_ATTRIBUTE,
  ROLE_RESOURCE_CONTAINER,
  ROLE_SCOPE_CONTAINER,
  TABLE,
  TABLE_FIELDS,
  WAY,
} from "../layout";
import { control, setControl } from "./control";
import { fault } from "./faults";
import { noteOtherAttribute } from "./fingerprint";
import { countBounds, countBuckets, isInItem, notePointFlags, noteTooDeep, noteValue } from "./item-checks";
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
  endItem,
  endMetric,
  endResource,
  noteContext,
  rejectedItems,
  rowsAccepted,
  stagedNext,
} from "./items";
import { lastDataOf } from "./metric-data";
import { checkPacked } from "./packed-values";
import { skipPlainAttributes } from "./plain-attributes";
import { captureResourceAttribute } from "./service-name";
import { beginStep, beginSteps, goOnAt, pause, pausedAt, setWay, stepEnd, wayAt } from "./steps";
import { readVarint, varint } from "./varints";
import { WIRE_FIXED32, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT } from "./wire-types";

// The scan at hand.
let rootMessage: u32 = 0;
let requestAt: usize = 0;
let requestEnd: usize = 0;

/**
 * Begins to scan the request in [at, at + length) as the message at `root` of the schema table, staging its rows at
 * `stage`, a ring of `stageRows` rows. Results come into the control block at `controlAt`.
 */
export function begin(
  controlAt: usize,
  root: u32,
  at: usize,
  length: u32,
  stage: usize,
  stageRows: u32,
): void {
  setControl(controlAt);
  rootMessage = root;
  requestAt = at;
  requestEnd = at + length;
  store<u32>(control + RESULT_FAULT, 0);
  beginRows(stage, stageRows);
  beginSteps(control + WAY);
}

/** The same, and all steps at once. */
export function scan(
  controlAt: usize,
  root: u32,
  at: usize,
  length: u32,
  stage: usize,
  stageRows: u32,
): void {
  begin(controlAt, root, at, length, stage, stageRows);
  step(length);
}

/** Goes over about so many bytes. True when the request has been scanned, or is not the message. */
export function step(bytes: u32): bool {
  beginStep(requestAt, bytes);
  const whole = walk(rootMessage, requestAt, requestEnd, 1);
  if (!whole && load<u32>(control + RESULT_FAULT) == 0) return false;
  store<u32>(control + RESULT_ACCEPTED, rowsAccepted());
  store<u32>(control + RESULT_REJECTED, rejectedItems());
  store<u32>(control + RESULT_STAGED_NEXT, <u32>stagedNext());
  return true;
}

/** Walks the fields of one message in [p, end). False after a fault or when it pauses. */
function walk(message: u32, p: usize, end: usize, depth: u32): bool {
  const table = <usize>TABLE + <usize>(message * TABLE_FIELDS * 4);
  if (pausedAt != 0) {
    p = wayAt(depth);
    goOnAt(depth);
  }
  const stop = end < stepEnd ? end : stepEnd;
  while (p < stop) {
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
        if (action == ROLE_KEY_VALUE) {
          p = skipPlainAttributes(tagAt, stop, end, tag, depth);
          if (p != tagAt) break;
          p = lengthAt;
        }
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
        if (child != 0) {
          if (!enter(entry, child - 1, action, tagAt, lengthAt, p, length, depth)) {
            setWay(depth, tagAt);
            return false;
          }
          if (action == ROLE_KEY_VALUE) noteOtherAttribute(p, p + length, depth);
        } else {
          const packed = (entry >> ENTRY_PACKED_SHIFT) & 3;
          if (packed == 0) {
            if (action != 0) captureBytes(action, entry >> ENTRY_ARGUMENT_SHIFT, lengthAt, p, length);
          } else if (!checkPacked(packed, p, length, tagAt, depth + 1)) {
            setWay(depth, tagAt);
            return false;
          } else if (action == OP_BUCKET_COUNTS) countBuckets(length >> 3);
          else if (action == OP_EXPLICIT_BOUNDS) countBounds(length >> 3);
        }
        p += length;
        break;
      }
      case WIRE_VARINT: {
        if (p < end && load<u8>(p) < 0x80) {
          varint = load<u8>(p++);
        } else {
          p = readVarint(p, end, tagAt);
          if (p == 0) return false;
        }
        if (action == OP_ENUM) captureEnum(entry >> ENTRY_ARGUMENT_SHIFT, varint);
        else if (action == OP_POINT_FLAGS) notePointFlags(varint);
        break;
      }
      case WIRE_FIXED64: {
        if (end - p < 8) return fault(FAULT_FIXED, tagAt, 8);
        if (action == OP_FIXED64) captureFixed64(entry >> ENTRY_ARGUMENT_SHIFT, load<u64>(p));
        else if (action == OP_VALUE) noteValue();
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
  return p < end ? pause(depth, p) : true;
}

/**
 * Walks the message of `length` bytes at p that a field holds, and does what its role asks for: once, when it begins.
 */
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
  if (depth >= <u32>MAX_DEPTH) {
    const limit = isInItem ? MAX_DEPTH_READ : MAX_DEPTH;
    if (depth == <u32>limit) return fault(FAULT_DEPTH, tagAt, limit);
    noteTooDeep();
  }
  const argument = entry >> ENTRY_ARGUMENT_SHIFT;
  switch (role) {
    case ROLE_ITEM: {
      if (skipsPoints) return walk(message, p, end, depth + 1);
      if (pausedAt == 0) beginItem(argument, p, length, depth + 1);
      if (!walk(message, p, end, depth + 1)) return false;
      endItem(argument, p);
      return true;
    }
    case ROLE_RESOURCE_CONTAINER: {
      if (pausedAt == 0) beginResource(lengthAt, p);
      if (!walk(message, p, end, depth + 1)) return false;
      endResource();
      return true;
    }
    case ROLE_SCOPE_CONTAINER: {
      if (pausedAt == 0) beginScope(lengthAt, p);
      return walk(message, p, end, depth + 1);
    }
    case ROLE_CONTEXT: {
      if (pausedAt == 0) noteContext(tagAt);
      return walk(message, p, end, depth + 1);
    }
    case ROLE_METRIC: {
      if (pausedAt == 0) {
        beginMetric(lengthAt);
        dataAt = lastDataOf(message, p, end);
        if (dataAt == 0) return fault(FAULT_FIELDS, tagAt, 0);
      }
      if (!walk(message, p, end, depth + 1)) return false;
      endMetric();
      return true;
    }
    case ROLE_METRIC_DATA: {
      if (pausedAt == 0) {
        beginMetricData(argument);
        skipsPoints = tagAt < dataAt;
      }
      const whole = walk(message, p, end, depth + 1);
      if (pausedAt == 0) skipsPoints = false;
      return whole;
    }
    case ROLE_RESOURCE_ATTRIBUTE: {
      if (!walk(message, p, end, depth + 1)) return false;
      return captureResourceAttribute(p, end) || fault(FAULT_FIELDS, tagAt, 0);
    }
    default:
      return walk(message, p, end, depth + 1);
  }
}

// The address of the tag of the first field that counts of the current metric's oneof `data`.
let dataAt: usize = 0;
// Whether the current points belong to a member of the oneof that a later one replaces.
let skipsPoints: bool = false;
