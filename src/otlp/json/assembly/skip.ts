// Skips JSON values, and checks that they are JSON. Recursion would bound how deep they may nest, so it has none; and
// it can be interrupted, because an unknown field can hold a whole request.

import { MAX_STARTS, STARTS } from "../reader-layout";
import { fourHexDigits, simpleEscape, UNICODE_ESCAPE } from "./strings";
import {
  ALSE,
  BACKSLASH,
  byteAt,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isDigit,
  MINUS,
  NULL,
  OPEN_LIST,
  OPEN_OBJECT,
  PLUS,
  POINT,
  QUOTE,
  skipSpace,
  specialAt,
  TRUE,
  ZERO,
} from "./text";

export class Skipped {
  /** How many objects and lists enclose the value to skip next; 0 when the value that was to be skipped is skipped. */
  static depth: u32 = 0;
  /** Where the text is not JSON. */
  static errorAt: usize = 0;
  /** Whether the ends of objects and lists are noted. */
  static notesEnds: bool = false;
}

/** One bit for each level of nesting: set for an object. */
let levels: usize = 0;
/** The end of the object or list that begins in each four bytes of the JSON. */
let ends: usize = 0;
let json: usize = 0;

/** @param levelsAt room for one bit for each byte of the JSON, endsAt for as many bytes as the JSON has */
export function beginSkipping(levelsAt: usize, endsAt: usize, jsonAt: usize): void {
  levels = levelsAt;
  ends = endsAt;
  json = jsonAt;
  Skipped.depth = 0;
  Skipped.notesEnds = false;
}

/**
 * Goes on with skipping at p, which is before a value. Returns the address behind the value when `Skipped.depth` is 0;
 * otherwise it got to `until`, and goes on from what it returns. 0 when the text is not JSON.
 */
export function skip(p: usize, until: usize): usize {
  do {
    p = skipSpace(p);
    const byte = byteAt(p);
    if (byte == QUOTE) {
      p = skipString(p);
    } else if (byte == OPEN_OBJECT) {
      open(p, true);
      p = skipSpace(p + 1);
      if (byteAt(p) != CLOSE_OBJECT) {
        p = skipName(p);
        if (p == 0) return 0;
        continue;
      }
      p = close(p);
    } else if (byte == OPEN_LIST) {
      open(p, false);
      p = skipSpace(p + 1);
      if (byteAt(p) != CLOSE_LIST) continue;
      p = close(p);
    } else {
      p = skipToken(p);
    }
    if (p == 0) return 0;
    p = closeAllAt(p);
    if (p == 0) return 0;
  } while (Skipped.depth > 0 && p < until);
  return p;
}

/** Goes behind a value over the ends of objects and lists, up to the next value. */
function closeAllAt(p: usize): usize {
  while (Skipped.depth > 0) {
    p = skipSpace(p);
    const byte = byteAt(p);
    const inObject = isObject(Skipped.depth);
    if (byte == COMMA) return inObject ? skipName(skipSpace(p + 1)) : p + 1;
    if (byte != (inObject ? CLOSE_OBJECT : CLOSE_LIST)) return fail(p);
    p = close(p);
  }
  return p;
}

function open(p: usize, isObject: bool): void {
  const depth = ++Skipped.depth;
  const byte = levels + (depth >> 3);
  const bit: u32 = 1 << (depth & 7);
  store<u8>(byte, isObject ? load<u8>(byte) | bit : load<u8>(byte) & ~bit);
  if (depth < <u32>MAX_STARTS) store<u32>(STARTS + (depth << 2), <u32>p);
}

// @ts-ignore: decorator
@inline
function isObject(depth: u32): bool {
  return ((load<u8>(levels + (depth >> 3)) >> (depth & 7)) & 1) != 0;
}

/** @param p of the closing bracket */
function close(p: usize): usize {
  const depth = Skipped.depth--;
  if (Skipped.notesEnds && depth < <u32>MAX_STARTS) noteEnd(load<u32>(STARTS + (depth << 2)), p + 1);
  return p + 1;
}

/**
 * Shorter objects and lists are skipped as fast as their ends are found. Of those that are longer, two that begin in
 * the same four bytes begin with `[[` or `[{`: then the outer one, which ends last, counts.
 */
const SHORTEST_NOTED: usize = 16;

function noteEnd(start: usize, end: usize): void {
  if (end - start < SHORTEST_NOTED) return;
  const offset = <u32>(start - json);
  store<u32>(ends + (offset & ~3), ((<u32>(end - json)) << 2) | (offset & 3));
}

/** The address behind the value at p, given that the text is JSON and that its ends are noted. */
export function endOfValue(p: usize): usize {
  const byte = byteAt(p);
  if (byte == OPEN_OBJECT || byte == OPEN_LIST) {
    const offset = <u32>(p - json);
    const noted = load<u32>(ends + (offset & ~3));
    const end = json + (noted >> 2);
    if ((noted & 3) == (offset & 3) && end > p) return end;
  }
  return skip(p, usize.MAX_VALUE);
}

/** Goes over a name and its colon. */
function skipName(p: usize): usize {
  if (byteAt(p) != QUOTE) return fail(p);
  p = skipString(p);
  if (p == 0) return 0;
  p = skipSpace(p);
  return byteAt(p) == COLON ? p + 1 : fail(p);
}

/** @param at of the opening quote */
function skipString(at: usize): usize {
  let p = at + 1;
  while (true) {
    p = specialAt(p);
    if (byteAt(p) == QUOTE) return p + 1;
    do {
      if (byteAt(p) != BACKSLASH || !isEscape(p + 1)) return fail(at);
      p += 2;
    } while (byteAt(p) == BACKSLASH);
  }
}

function isEscape(p: usize): bool {
  const byte = byteAt(p);
  return simpleEscape(byte) != 0 || (byte == UNICODE_ESCAPE && fourHexDigits(p + 1) <= 0xffff);
}

/** Goes over a number, `true`, `false` or `null`. What follows it directly, such as a letter, makes it none of them. */
function skipToken(at: usize): usize {
  const end = endOfToken(at);
  return end == 0 || isInWord(byteAt(end)) ? fail(at) : end;
}

function endOfToken(p: usize): usize {
  const byte = byteAt(p);
  if (byte == MINUS || isDigit(byte)) return endOfNumber(p);
  const token = load<u32>(p);
  if (token == NULL || token == TRUE) return p + 4;
  return byte == 0x66 && load<u32>(p, 1) == ALSE ? p + 5 : 0;
}

/** The address behind the number at p; 0 when there is none. */
function endOfNumber(p: usize): usize {
  if (byteAt(p) == MINUS) p++;
  const first = byteAt(p);
  if (!isDigit(first)) return 0;
  p = first == ZERO ? p + 1 : skipDigits(p);
  if (byteAt(p) == POINT) {
    if (!isDigit(byteAt(p + 1))) return 0;
    p = skipDigits(p + 1);
  }
  if ((byteAt(p) | 0x20) == 0x65) {
    p++;
    if (byteAt(p) == PLUS || byteAt(p) == MINUS) p++;
    if (!isDigit(byteAt(p))) return 0;
    p = skipDigits(p);
  }
  return p;
}

function skipDigits(p: usize): usize {
  while (isDigit(byteAt(p))) p++;
  return p;
}

/** Whether the byte is a letter, a digit or a sign that is in numbers. */
function isInWord(byte: u32): bool {
  return (
    isDigit(byte) || (byte | 0x20) - 0x61 < 26 || byte == PLUS || byte == MINUS || byte == POINT || byte == UNDERSCORE
  );
}

const UNDERSCORE: u32 = 0x5f;

function fail(p: usize): usize {
  Skipped.errorAt = p;
  return 0;
}
