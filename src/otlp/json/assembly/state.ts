import { Cursor } from "./cursor";
import { clearStack } from "./frames";
import { forget } from "./host";
import { Skipped } from "./skip";
import { Work } from "./work";

// What comes next in the JSON.
export const BEFORE_REQUEST: u32 = 0;
export const IN_MESSAGE: u32 = 1;
export const IN_LIST: u32 = 2;
export const BEHIND_VALUE: u32 = 3;
export const BEHIND_REQUEST: u32 = 4;
/** A value that does not become output. */
export const SKIPPING: u32 = 5;
// States for reading with care alone:
/** The whole text, of which it is checked that it is JSON. */
export const CHECKING: u32 = 6;
/** The members of an object, whose values are only looked at. */
export const COLLECTING: u32 = 7;
// Nothing more:
export const DONE: u32 = 8;
export const REFUSED: u32 = 9;
export const NOT_JSON: u32 = 10;

export class State {
  static now: u32 = BEFORE_REQUEST;
  /**
   * Requests are read in one pass, in the order of their text, as long as nothing about them is odd. At the first odd
   * value the request is read again, with care: first all of it is checked to be JSON, then the members of each object
   * are collected before their values are read.
   */
  static isCareful: bool = false;
}

/** The request at hand. */
export class Request {
  static json: usize = 0;
  static jsonEnd: usize = 0;
  static out: usize = 0;
  static ends: usize = 0;
  /** Whether the sender is warned of what is left out without a word. */
  static isStrict: bool = false;
  /** Whether the host has been told of an object that has unknown fields but none that leads to items. */
  static hasUnknown: bool = false;
  /** Whether the host has been told of an unknown field. */
  static hasWarned: bool = false;
}

/** Goes back to the beginning of the request. */
export function beginRequest(isCareful: bool): void {
  State.isCareful = isCareful;
  State.now = isCareful ? CHECKING : BEFORE_REQUEST;
  Cursor.at = Request.json;
  Cursor.out = Request.out;
  Request.hasUnknown = false;
  Request.hasWarned = false;
  clearStack();
  Skipped.depth = 0;
  Skipped.notesEnds = isCareful;
}

/** Something is odd: reads the request with care. */
export function beCareful(): void {
  if (State.isCareful) unreachable();
  forget();
  const length = Request.jsonEnd - Request.json;
  // There are four bytes for each four of the JSON, also where it ends within them.
  memory.fill(Request.ends, 0, length + 4);
  Work.extra += length >> 3;
  beginRequest(true);
}

/** Skips the value at the cursor. */
export function skipValue(): void {
  Skipped.depth = 0;
  State.now = SKIPPING;
}
