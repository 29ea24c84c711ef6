// The JSON reader: from OTLP/JSON to the bytes of protobuf that the same Export*ServiceRequest is, in its own memory.
//
// It follows a table of the schemas (see ../reader-table.ts), allocates nothing, and cannot touch anything outside of
// its memory. It has no recursion: where it is stands in its memory, so that it can stop after any value and go on
// later.

import { FAULT_NO_OBJECT, READ_DONE, READ_NOT_JSON, READ_PAUSED, READ_REFUSED, RESULT_END, RESULT_ERROR_AT } from "../reader-layout";
import { beginCareful, beginCollecting, collectMember, misshapen, readCollected } from "./careful";
import { Cursor } from "./cursor";
import { pushMessage, Stack } from "./frames";
import { readFirstMember, readNextMember } from "./members";
import { Ids } from "./scalars";
import { beginSkipping, skip, Skipped } from "./skip";
import {
  BEFORE_REQUEST,
  BEHIND_REQUEST,
  BEHIND_VALUE,
  beCareful,
  beginRequest,
  CHECKING,
  COLLECTING,
  DONE,
  IN_LIST,
  IN_MESSAGE,
  NOT_JSON,
  Request,
  SKIPPING,
  State,
} from "./state";
import { Message } from "./table";
import { byteAt, OPEN_OBJECT, skipSpace } from "./text";
import { readFirstElement, readNextElement } from "./values";
import { Work } from "./work";

let root: usize = 0;

/**
 * Begins to read the JSON in [json, jsonEnd) as the message at `message` of the table.
 * @param levels, ends, out room for what their *_SHARE in reader-layout.ts say
 */
export function begin(
  message: usize,
  areIdsBase64: bool,
  isStrict: bool,
  json: usize,
  jsonEnd: usize,
  levels: usize,
  ends: usize,
  out: usize,
): void {
  root = message;
  Ids.areBase64 = areIdsBase64;
  Request.isStrict = isStrict;
  // A byte order mark is skipped.
  const hasMark = (load<u32>(json) & 0xffffff) == 0xbfbbef;
  Request.json = hasMark ? json + 3 : json;
  Request.jsonEnd = jsonEnd;
  Request.out = out;
  Request.ends = ends;
  beginSkipping(levels, ends, Request.json);
  beginCareful();
  beginRequest(false);
}

/** What every step costs at least, in bytes of JSON that are read in the same time. */
const COST_OF_STEP: usize = 4;

/** Reads on, about as much as `bytes` of JSON are at most. Returns one of READ_*. */
export function read(bytes: usize): u32 {
  let spent: usize = 0;
  while (State.now < DONE) {
    if (spent >= bytes) return READ_PAUSED;
    const at = Cursor.at;
    Work.until = at + (bytes - spent);
    step();
    spent += COST_OF_STEP + Work.extra;
    Work.extra = 0;
    if (Cursor.at > at) spent += Cursor.at - at;
  }
  store<usize>(RESULT_END, Cursor.out);
  return State.now == DONE ? READ_DONE : State.now == NOT_JSON ? READ_NOT_JSON : READ_REFUSED;
}

function step(): void {
  switch (State.now) {
    case BEFORE_REQUEST:
      readRequest();
      break;
    case IN_MESSAGE:
      readFirstMember();
      break;
    case IN_LIST:
      readFirstElement();
      break;
    case BEHIND_VALUE:
      readOn();
      break;
    case BEHIND_REQUEST:
      endRequest();
      break;
    case SKIPPING:
      skipOn();
      break;
    case CHECKING:
      checkOn();
      break;
    case COLLECTING:
      collectMember();
      break;
  }
}

function readRequest(): void {
  Cursor.at = skipSpace(Cursor.at);
  if (byteAt(Cursor.at) != OPEN_OBJECT) {
    misshapen(FAULT_NO_OBJECT, null);
    return;
  }
  Cursor.at++;
  const frame = pushMessage(null, changetype<Message>(root), 1);
  if (State.isCareful) beginCollecting(frame);
  else State.now = IN_MESSAGE;
}

function readOn(): void {
  const frame = Stack.top;
  if (frame.message == null) readNextElement(frame);
  else if (State.isCareful) readCollected(frame);
  else readNextMember(frame);
}

function endRequest(): void {
  Cursor.at = skipSpace(Cursor.at);
  if (Cursor.at == Request.jsonEnd) State.now = DONE;
  else beCareful();
}

function skipOn(): void {
  const p = skip(Cursor.at, Work.until);
  if (p == 0) {
    beCareful();
    return;
  }
  Cursor.at = p;
  if (Skipped.depth == 0) State.now = BEHIND_VALUE;
}

function checkOn(): void {
  const p = skip(Cursor.at, Work.until);
  if (p != 0) {
    Cursor.at = p;
    if (Skipped.depth != 0) return;
    Skipped.errorAt = skipSpace(p);
    if (Skipped.errorAt == Request.jsonEnd) {
      Cursor.at = Request.json;
      State.now = BEFORE_REQUEST;
      return;
    }
  }
  store<usize>(RESULT_ERROR_AT, Skipped.errorAt);
  State.now = NOT_JSON;
}
