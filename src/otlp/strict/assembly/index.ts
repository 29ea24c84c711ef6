// The strict validator: goes over a request that the scanner has found to be sound, and counts what is kept as sent
// though OTLP says otherwise. It is generic over the signals, as the scanner is, and runs in steps: a check that has
// gone over its share of bytes pauses between two fields.

import { beginStep, beginSteps, goOnAt, pause, pausedAt, setWay, stepEnd, wayAt } from "../../scan/assembly/steps";
import { behindField, behindPrefix, prefixValue } from "../../scan/assembly/strings";
import { peekVarint } from "../../scan/assembly/varints";
import { WIRE_LENGTH } from "../../scan/assembly/wire-types";
import {
  ENTRY_ACTION_SHIFT,
  ENTRY_ARGUMENT_SHIFT,
  ENTRY_KNOWN,
  ENTRY_MESSAGE_SHIFT,
  TABLE,
  TABLE_FIELDS,
} from "../../scan/layout";
import {
  MAX_FIELDS_OF_MESSAGE,
  MESSAGE_HAS_ATTRIBUTES,
  MESSAGE_HAS_NAME,
  MESSAGE_HAS_TIMES,
  RULE_ATTRIBUTES,
  RULE_END,
  RULE_ENUM,
  RULE_NAME,
  RULE_SPAN_ID,
  RULE_START,
  RULE_TEXT,
  RULE_TRACE_ID,
  WARN_EMPTY_NAME,
  WARN_SPAN_ID,
  WARN_TIME_ORDER,
  WARN_TRACE_ID,
  WARN_UNKNOWN_ENUM,
  WARN_UNKNOWN_FIELD,
  WARN_UTF8,
  WAY,
} from "../layout";
import { beginKeys, checkKey } from "./keys";
import { isUtf8 } from "./utf8";
import { beginWarnings, warn } from "./warnings";

let root: u32 = 0;
let requestAt: usize = 0;
let requestEnd: usize = 0;

/** Begins with the request in [at, at + length) as the message at `message` of the schema table. */
export function begin(message: u32, at: usize, length: u32): void {
  root = message;
  requestAt = at;
  requestEnd = at + length;
  beginSteps(WAY);
  beginWarnings();
}

/** Goes over about so many bytes. True when the request is done. */
export function step(bytes: u32): bool {
  beginStep(requestAt, bytes);
  return walk(root, requestAt, requestEnd, 1);
}

/** Checks the fields of one message in [at, end). False when it pauses. */
function walk(message: u32, at: usize, end: usize, level: u32): bool {
  const table = <usize>TABLE + <usize>(message * TABLE_FIELDS * 4);
  let p = at;
  if (pausedAt == 0) {
    const rules = load<u32>(table);
    if (rules != 0) checkWhole(table, rules, at, end);
  } else {
    p = wayAt(level);
    goOnAt(level);
  }
  const stop = end < stepEnd ? end : stepEnd;
  while (p < stop) {
    const tagAt = p;
    const tag = prefixValue(p);
    p = behindPrefix(p);
    const entry = entryOf(table, tag);
    if ((entry & ENTRY_KNOWN) == 0) {
      warn(WARN_UNKNOWN_FIELD, tagAt, 0);
      p = behindField(tag, p);
      continue;
    }
    const rule = ruleOf(entry);
    if ((tag & 7) != WIRE_LENGTH) {
      // The lowest 32 bits of an enum's varint count.
      if (rule == RULE_ENUM && <u32>peekVarint(p, end) > entry >> ENTRY_ARGUMENT_SHIFT) {
        warn(WARN_UNKNOWN_ENUM, tagAt, 0);
      }
      p = behindField(tag, p);
      continue;
    }
    const length = prefixValue(p);
    const valueAt = behindPrefix(p);
    p = valueAt + length;
    const child = (entry >> ENTRY_MESSAGE_SHIFT) & 0xff;
    if (child != 0) {
      if (!walk(child - 1, valueAt, p, level + 1)) {
        setWay(level, tagAt);
        return false;
      }
    } else if (rule == RULE_TEXT || rule == RULE_NAME) {
      if (!isUtf8(valueAt, length)) warn(WARN_UTF8, tagAt, 0);
    } else if (rule == RULE_TRACE_ID) {
      if (length != 0 && length != 16) warn(WARN_TRACE_ID, tagAt, length);
    } else if (rule == RULE_SPAN_ID) {
      if (length != 0 && length != 8) warn(WARN_SPAN_ID, tagAt, length);
    }
  }
  return p < end ? pause(level, p) : true;
}

/** Checks what fields of the message in [at, end) are to each other. Does not look into messages that it holds. */
function checkWhole(table: usize, rules: u32, at: usize, end: usize): void {
  let nameLength: u32 = 0;
  let start: u64 = 0;
  let ended: u64 = 0;
  let fields: u32 = 0;
  if ((rules & MESSAGE_HAS_ATTRIBUTES) != 0) beginKeys();
  for (let p = at; p < end; fields++) {
    if (fields == MAX_FIELDS_OF_MESSAGE) return;
    const tag = prefixValue(p);
    p = behindPrefix(p);
    switch (ruleOf(entryOf(table, tag))) {
      case RULE_NAME:
        nameLength = prefixValue(p);
        break;
      case RULE_START:
        start = load<u64>(p);
        break;
      case RULE_END:
        ended = load<u64>(p);
        break;
      case RULE_ATTRIBUTES:
        checkKey(behindPrefix(p), prefixValue(p));
        break;
    }
    p = behindField(tag, p);
  }
  if ((rules & MESSAGE_HAS_NAME) != 0 && nameLength == 0) warn(WARN_EMPTY_NAME, at, 0);
  if ((rules & MESSAGE_HAS_TIMES) != 0 && ended < start) warn(WARN_TIME_ORDER, at, 0);
}

// @ts-ignore: decorator
@inline
function entryOf(table: usize, tag: u32): u32 {
  const field = tag >> 3;
  return field < <u32>TABLE_FIELDS ? load<u32>(table + (<usize>field << 2)) : 0;
}

// @ts-ignore: decorator
@inline
function ruleOf(entry: u32): u32 {
  return (entry >> ENTRY_ACTION_SHIFT) & 15;
}
