// Reading with care: what is done with requests that have something odd.
//
// The members of an object are collected before their values are read. Of members with the same name the last counts,
// as for JSON.parse, and fields that lead to items come last: a fault in a metric costs the points that follow.

import {
  FAULT_MISREAD_HEX,
  FAULT_SECOND_MEMBER,
  FIELD_IS_LIST,
  FIELD_IS_PACKED,
  FIELD_IS_REJECTED_WHOLE,
  FIELD_LEADS_TO_ITEMS,
  KIND_BYTES,
  KIND_DOUBLE,
  KIND_FIXED32,
  KIND_FIXED64,
  KIND_SFIXED64,
  MARGIN,
  MAX_NAMES,
  MEMBER_BYTES,
  MEMBERS,
  MESSAGE_IS_ITEM,
} from "../reader-layout";
import { Cursor } from "./cursor";
import { below, Frame, Stack } from "./frames";
import { Member, tellCount, tellOmission, tellRefusal, tellRejection, tellUnknownFields, tellWarning } from "./host";
import { admit, behindColon, endFields } from "./members";
import { endOfValue } from "./skip";
import { BEHIND_VALUE, beCareful, COLLECTING, REFUSED, Request, skipValue, State } from "./state";
import { Field, findName, Name, Named } from "./table";
import { byteAt, CLOSE_OBJECT, COMMA, NULL, OPEN_LIST, skipSpace } from "./text";
import { closeMessage, openList, readMemberValue, readOne } from "./values";
import { writeFixed32, writeFixed64, writeTag, writeVarint } from "./wire";

/** The innermost item, or metric, that is read. A fault in it costs it; elsewhere a fault costs the value. */
let item: Frame | null = null;
/** The metric that is rejected, whose items are counted. */
let counted: Frame | null = null;
let count: u32 = 0;

export function beginCareful(): void {
  item = null;
  counted = null;
}

// Members.

@unmanaged
class Collected {
  name: Name;
  /** Where the value is; 0 when it is left out. */
  valueAt: usize;
  /** How many unknown names came since the member before. */
  unknowns: u32;
}

function collectedAt(frame: Frame, index: u32): Collected {
  const first = MEMBERS + (frame.depth - 1) * (MAX_NAMES * MEMBER_BYTES);
  return changetype<Collected>(first + index * MEMBER_BYTES);
}

/** Begins with the object of the message at the top; the cursor is behind its bracket. */
export function beginCollecting(frame: Frame): void {
  frame.unknowns = 0;
  frame.memberCount = 0;
  frame.nextMember = 0;
  frame.readsContainers = false;
  frame.jsonEnd = 0;
  const field = frame.field;
  if (field != null && (field.flags & FIELD_IS_REJECTED_WHOLE) != 0) {
    frame.outerItem = item;
    if (counted == null) item = frame;
  }
  State.now = COLLECTING;
}

/** Collects one member. */
export function collectMember(): void {
  const frame = Stack.top;
  let p = skipSpace(Cursor.at);
  if (byteAt(p) == CLOSE_OBJECT) {
    frame.jsonEnd = p + 1;
    Cursor.at = p + 1;
    endCollecting(frame);
    return;
  }
  if (byteAt(p) == COMMA) p = skipSpace(p + 1);
  const name = findName(frame.message!.names, p, Cursor.out + MARGIN);
  const valueAt: usize = Named.end == 0 ? 0 : behindColon(Named.end);
  // All of the text has been checked. Were it not so, the reader would go on for ever.
  if (valueAt == 0) unreachable();
  if (name != null) {
    collect(frame, name, valueAt);
  } else {
    frame.unknowns++;
    if (frame.unknownAt == 0) frame.unknownAt = p;
  }
  Cursor.at = endOfValue(valueAt);
}

/** The last value of the same name counts, in the place of the first. */
function collect(frame: Frame, name: Name, valueAt: usize): void {
  const bit = <u64>1 << name.bit;
  if ((frame.names & bit) != 0) {
    let index = 0;
    while (collectedAt(frame, index).name != name) index++;
    collectedAt(frame, index).valueAt = valueAt;
    return;
  }
  frame.names |= bit;
  const member = collectedAt(frame, frame.memberCount++);
  member.name = name;
  member.valueAt = valueAt;
  member.unknowns = frame.unknowns;
  frame.unknowns = 0;
}

function endCollecting(frame: Frame): void {
  State.now = BEHIND_VALUE;
  if (counted != null && (frame.message!.flags & MESSAGE_IS_ITEM) != 0) {
    count++;
    leave(frame);
  }
}

/** Reads the next of the collected members, or ends the message. */
export function readCollected(frame: Frame): void {
  if (counted != null) {
    countIn(frame);
    return;
  }
  while (frame.nextMember < frame.memberCount) {
    const member = collectedAt(frame, frame.nextMember++);
    const field = changetype<Field>(member.name.value);
    Cursor.at = member.valueAt;
    const leadsToItems = (field.flags & FIELD_LEADS_TO_ITEMS) != 0;
    if (frame.readsContainers) {
      if (!leadsToItems || member.valueAt == 0 || load<u32>(member.valueAt) == NULL) continue;
    } else {
      warnOfUnknowns(frame, member.unknowns);
      Member.field = field;
      if (!admit(frame, field)) {
        if (unfit(FAULT_SECOND_MEMBER, field)) member.valueAt = 0;
        return;
      }
      if (leadsToItems || load<u32>(member.valueAt) == NULL) continue;
    }
    Member.field = field;
    readMemberValue(field);
    return;
  }
  if (frame.readsContainers) {
    Cursor.at = frame.jsonEnd;
    closeMessage();
    return;
  }
  warnOfUnknowns(frame, frame.unknowns);
  endFields(frame);
  frame.readsContainers = true;
  frame.nextMember = 0;
}

function warnOfUnknowns(frame: Frame, unknowns: u32): void {
  if (unknowns == 0 || !Request.isStrict) return;
  tellUnknownFields(Request.hasWarned ? 0 : frame.unknownAt, unknowns);
  Request.hasWarned = true;
}

/** Goes on behind the object of the message at the top, as if it had not been there. */
function leave(frame: Frame): void {
  Cursor.at = frame.jsonEnd;
  Stack.top = below(frame);
  State.now = BEHIND_VALUE;
}

// Faults.

/** The value at the cursor has not the shape of its field. In an item that costs the item, else the request. */
export function misshapen(fault: u32, field: Field | null): void {
  const leadsToItems = field != null && (field.flags & FIELD_LEADS_TO_ITEMS) != 0;
  if (!State.isCareful) beCareful();
  else if (counted != null) skipValue();
  else if (item == null || leadsToItems) refuse(fault);
  else reject(fault, item!);
}

/** Hex digits were read as base64, as by clients that send OTLP/JSON to a method that takes protobuf's JSON. */
export function misread(): void {
  if (State.isCareful) refuse(FAULT_MISREAD_HEX);
  else beCareful();
}

/**
 * The value at the cursor does not fit its field. In an item that costs the item, else the value: then it returns true.
 */
export function unfit(fault: u32, field: Field): bool {
  if (!State.isCareful) {
    beCareful();
    return false;
  }
  if (item != null) {
    reject(fault, item!);
    return false;
  }
  tellOmission(fault);
  State.now = BEHIND_VALUE;
  if (Stack.top.message == null) {
    // The other elements of the list keep their positions: dictionaries are referred to by index.
    writeUnset(field);
    skipValue();
  }
  return true;
}

function writeUnset(field: Field): void {
  if ((field.flags & FIELD_IS_PACKED) == 0) writeTag(field);
  switch (<i32>field.kind) {
    case KIND_FIXED32:
      writeFixed32(0);
      break;
    case KIND_DOUBLE:
    case KIND_FIXED64:
    case KIND_SFIXED64:
      writeFixed64(0);
      break;
    default:
      writeVarint(0);
  }
}

/** The value that was read is kept in another form, or not at all, which a strict reader warns of. */
export function warn(fault: u32): void {
  if (!Request.isStrict) return;
  if (State.isCareful) tellWarning(fault);
  else beCareful();
}

function refuse(fault: u32): void {
  tellRefusal(fault);
  State.now = REFUSED;
}

/** Goes on behind the item, and takes back what was written of it. */
function reject(fault: u32, rejected: Frame): void {
  const isItem = (rejected.message!.flags & MESSAGE_IS_ITEM) != 0;
  tellRejection(fault, rejected, isItem ? 1 : 0);
  Stack.top = rejected;
  if (isItem) {
    leaveRejected(rejected);
    return;
  }
  counted = rejected;
  count = 0;
  rejected.nextMember = 0;
  State.now = BEHIND_VALUE;
}

function leaveRejected(rejected: Frame): void {
  Cursor.out = rejected.tagAt;
  item = rejected.outerItem;
  leave(rejected);
}

/** Counts the items in the next of the collected members of a rejected metric, or ends the message. */
function countIn(frame: Frame): void {
  while (frame.nextMember < frame.memberCount) {
    const member = collectedAt(frame, frame.nextMember++);
    const field = changetype<Field>(member.name.value);
    if ((field.flags & FIELD_LEADS_TO_ITEMS) == 0 || load<u32>(member.valueAt) == NULL) continue;
    Cursor.at = member.valueAt;
    // An object in place of a list counts as its only element, a list in place of an object by its elements.
    if (byteAt(member.valueAt) == OPEN_LIST) openList(field);
    else readOne(field);
    return;
  }
  if (frame != counted) {
    leave(frame);
    return;
  }
  tellCount(count);
  counted = null;
  leaveRejected(frame);
}

/** The message is read, without a fault. */
export function endItem(frame: Frame): void {
  if (frame == item) item = frame.outerItem;
}
