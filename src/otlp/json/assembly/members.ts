// The members of a message in the order of the text.

import { FIELD_LEADS_TO_ITEMS, KIND_DOUBLE, MARGIN, MESSAGE_LEADS_TO_ITEMS } from "../reader-layout";
import { Cursor } from "./cursor";
import { Frame, Stack } from "./frames";
import { tellIgnored } from "./host";
import { BEHIND_VALUE, beCareful, Request, skipValue, State } from "./state";
import { Field, findName, isNamed, Name, Named } from "./table";
import { byteAt, CLOSE_OBJECT, COLON, COMMA, NULL, skipSpace } from "./text";
import { closeMessage, readMemberValue } from "./values";
import { writeDouble, writeTag } from "./wire";

/** Reads the first member of the message at the top, or its end. */
export function readFirstMember(): void {
  Cursor.at = skipSpace(Cursor.at);
  if (byteAt(Cursor.at) == CLOSE_OBJECT) endMessage(Stack.top);
  else readMember(Stack.top);
}

/** Reads the next member of the message at the top, or its end. */
export function readNextMember(frame: Frame): void {
  const p = skipSpace(Cursor.at);
  Cursor.at = p;
  const byte = byteAt(p);
  if (byte == COMMA) {
    Cursor.at = skipSpace(p + 1);
    readMember(frame);
  } else if (byte == CLOSE_OBJECT) {
    endMessage(frame);
  } else {
    beCareful();
  }
}

function readMember(frame: Frame): void {
  const nameAt = Cursor.at;
  let name = changetype<Name | null>(load<usize>(frame.predictedAt));
  let end: usize;
  if (name != null && isNamed(changetype<usize>(name), nameAt)) {
    end = nameAt + name.length;
  } else {
    name = findName(frame.message!.names, nameAt, Cursor.out + MARGIN);
    end = Named.end;
    if (name != null) store<usize>(frame.predictedAt, changetype<usize>(name));
  }
  const valueAt: usize = end == 0 ? 0 : behindColon(end);
  if (valueAt == 0 || (name == null && Request.isStrict)) {
    beCareful();
    return;
  }
  Cursor.at = valueAt;
  if (name == null) {
    if (frame.unknownAt == 0) frame.unknownAt = nameAt;
    skipValue();
    return;
  }
  frame.predictedAt = changetype<usize>(name) + offsetof<Name>("predicted");
  const bit = <u64>1 << name.bit;
  const isDuplicate = (frame.names & bit) != 0;
  frame.names |= bit;
  const field = changetype<Field>(name.value);
  if (isDuplicate || !admit(frame, field)) {
    beCareful();
  } else if (load<u32>(valueAt) == NULL) {
    Cursor.at += 4;
    State.now = BEHIND_VALUE;
  } else {
    readMemberValue(field);
  }
}

/** The address of the value whose name ends at p; 0 when there is no colon. */
export function behindColon(p: usize): usize {
  p = skipSpace(p);
  return byteAt(p) == COLON ? skipSpace(p + 1) : 0;
}

/**
 * Takes note that the member has a value, which is at the cursor. False when the field is set beside another member of
 * its oneof.
 */
export function admit(frame: Frame, field: Field): bool {
  if ((field.flags & FIELD_LEADS_TO_ITEMS) != 0) frame.hasContainer = true;
  const oneof = field.oneof;
  if (oneof == 0) return true;
  if (load<u32>(Cursor.at) == NULL) {
    if (field.kind == KIND_DOUBLE) frame.nullDouble = field;
    return true;
  }
  if (oneof == frame.oneof) return false;
  frame.oneof = oneof;
  return true;
}

function endMessage(frame: Frame): void {
  Cursor.at++;
  endFields(frame);
  closeMessage();
}

/** The fields of the message are written, except those that lead to items where they are read with care. */
export function endFields(frame: Frame): void {
  // JSON has no NaN, so that JavaScript's exporters write null for one.
  const nullDouble = frame.nullDouble;
  if (nullDouble != null && frame.oneof == 0) {
    writeTag(nullDouble);
    writeDouble(NaN);
  }
  const leadsToItems = (frame.message!.flags & MESSAGE_LEADS_TO_ITEMS) != 0;
  if (leadsToItems && !frame.hasContainer && frame.unknownAt != 0 && !Request.hasUnknown) {
    Request.hasUnknown = true;
    tellIgnored(frame.unknownAt);
  }
}
