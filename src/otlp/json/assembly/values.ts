// Messages, lists and scalars: what is the same for requests that are read in one pass and for those that are read
// with care.

import { MAX_DEPTH } from "../../scan/layout";
import {
  FAULT_DEPTH,
  FAULT_HALF_PAIR,
  FAULT_MISREAD_HEX,
  FAULT_NO_ARRAY,
  FAULT_NO_OBJECT,
  FAULT_UNFIT,
  FIELD_HOLDS_ATTRIBUTES,
  FIELD_IS_FORGIVING,
  FIELD_IS_LIST,
  FIELD_IS_PACKED,
  KIND_MESSAGE,
  KIND_STRING,
} from "../reader-layout";
import { writePlainAttribute } from "./attributes";
import { beginCollecting, endItem, misread, misshapen, unfit, warn } from "./careful";
import { Cursor } from "./cursor";
import { below, Frame, isRoot, pushList, pushMessage, Stack } from "./frames";
import { Ids, writeScalar } from "./scalars";
import { BEHIND_REQUEST, BEHIND_VALUE, beCareful, IN_LIST, IN_MESSAGE, skipValue, State } from "./state";
import { Copied } from "./strings";
import { Field } from "./table";
import { byteAt, CLOSE_LIST, COMMA, OPEN_LIST, OPEN_OBJECT, skipSpace } from "./text";
import { endLengthDelimited, writeTag } from "./wire";

/** Reads the value at the cursor, which is not null, of a member of the message at the top. */
export function readMemberValue(field: Field): void {
  if ((field.flags & FIELD_IS_LIST) == 0) {
    readOne(field);
  } else if (byteAt(Cursor.at) == OPEN_LIST) {
    openList(field);
  } else {
    misshapen(FAULT_NO_ARRAY, field);
  }
}

/** Reads the value at the cursor, of a field or of an element of its list. */
export function readOne(field: Field): void {
  if (field.kind != KIND_MESSAGE) {
    readScalar(field);
  } else if (byteAt(Cursor.at) == OPEN_OBJECT) {
    openMessage(field);
  } else {
    misshapen(FAULT_NO_OBJECT, field);
  }
}

function openMessage(field: Field): void {
  const depth = Stack.top.depth;
  if (depth == MAX_DEPTH) {
    misshapen(FAULT_DEPTH, null);
    return;
  }
  const frame = pushMessage(field, field.message, depth + 1);
  writeTag(field);
  frame.lengthAt = Cursor.out;
  frame.lengthBytes = field.lengthBytes;
  Cursor.out += field.lengthBytes;
  Cursor.at++;
  if (State.isCareful) beginCollecting(frame);
  else State.now = IN_MESSAGE;
}

/** Ends the message at the top; the cursor is behind its object. */
export function closeMessage(): void {
  const frame = Stack.top;
  endItem(frame);
  Stack.top = below(frame);
  if (isRoot(frame)) {
    State.now = BEHIND_REQUEST;
    return;
  }
  const field = frame.field!;
  // The next one will be about as long.
  field.lengthBytes = <u8>endLengthDelimited(frame.lengthAt, frame.lengthBytes);
  State.now = BEHIND_VALUE;
}

export function openList(field: Field): void {
  const frame = pushList(field, Stack.top.depth);
  if ((field.flags & FIELD_IS_PACKED) != 0) {
    writeTag(field);
    frame.lengthAt = Cursor.out;
    frame.lengthBytes = field.lengthBytes;
    Cursor.out += field.lengthBytes;
  }
  Cursor.at++;
  State.now = IN_LIST;
}

function closeList(frame: Frame): void {
  const field = frame.field!;
  if (frame.lengthAt != 0) {
    field.lengthBytes = <u8>endLengthDelimited(frame.lengthAt, frame.lengthBytes);
  }
  Stack.top = below(frame);
  State.now = BEHIND_VALUE;
}

/** Reads the first element of the list at the top, or its end. */
export function readFirstElement(): void {
  Cursor.at = skipSpace(Cursor.at);
  if (byteAt(Cursor.at) == CLOSE_LIST) {
    Cursor.at++;
    closeList(Stack.top);
  } else {
    readElement(Stack.top);
  }
}

/** Reads the next element of the list at the top, or its end. */
export function readNextElement(frame: Frame): void {
  const p = skipSpace(Cursor.at);
  const byte = byteAt(p);
  if (byte == COMMA) {
    Cursor.at = skipSpace(p + 1);
    readElement(frame);
  } else if (byte == CLOSE_LIST) {
    Cursor.at = p + 1;
    closeList(frame);
  } else {
    beCareful();
  }
}

function readElement(frame: Frame): void {
  const field = frame.field!;
  frame.index++;
  if ((field.flags & FIELD_HOLDS_ATTRIBUTES) != 0 && writePlainAttribute(field, frame.depth)) {
    State.now = BEHIND_VALUE;
  } else {
    readOne(field);
  }
}

function readScalar(field: Field): void {
  const out = Cursor.out;
  Copied.hasHalfPair = false;
  if (writeTagged(field)) {
    const misreadHexBytes = field.misreadHexBytes;
    State.now = BEHIND_VALUE;
    // An id is behind its length, of one byte.
    const misreadBytes = field.tagBytes + 1 + misreadHexBytes;
    if (misreadHexBytes != 0 && Ids.areBase64 && Cursor.out - out == misreadBytes) misread();
    else if (Copied.hasHalfPair && field.kind == KIND_STRING) warn(FAULT_HALF_PAIR);
    return;
  }
  Cursor.out = out;
  if ((field.flags & FIELD_IS_FORGIVING) != 0) {
    skipValue();
    warn(FAULT_UNFIT);
    return;
  }
  const doubleMember = field.doubleMember;
  if (doubleMember != null && writeTagged(doubleMember)) {
    State.now = BEHIND_VALUE;
    return;
  }
  Cursor.out = out;
  unfit(FAULT_UNFIT, field);
}

function writeTagged(field: Field): bool {
  if ((field.flags & FIELD_IS_PACKED) == 0) writeTag(field);
  return writeScalar(field);
}
