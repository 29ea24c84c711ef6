// JSON strings as UTF-8 without escapes.

import { BACKSLASH, byteAt, hexDigit, QUOTE } from "./text";

/** The copy that `copyString` made. */
export class Copied {
  static end: usize = 0;
  /** True when there was an escape of half of a surrogate pair. */
  static hasHalfPair: bool = false;
}

/** One bit for each of 16 bytes that is not simply copied: a quote, a backslash, a control or no ASCII character. */
// @ts-ignore: decorator
@inline
export function uncommonBytes(text: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(text, i8x16.splat(0x22)), i8x16.eq(text, i8x16.splat(0x5c))),
      // Signed: bytes from 0x80 on are negative.
      i8x16.lt_s(text, i8x16.splat(0x20)),
    ),
  );
}

/**
 * Copies the string whose first character is at `from`. Returns the address behind its closing quote; 0 when it is no
 * JSON string. Invalid UTF-8 and lone surrogates become U+FFFD, as in WHATWG's Encoding Standard.
 */
export function copyString(from: usize, to: usize): usize {
  while (true) {
    const text = v128.load(from);
    v128.store(to, text);
    const uncommon = uncommonBytes(text);
    if (uncommon == 0) {
      from += 16;
      to += 16;
      continue;
    }
    const common = ctz(uncommon);
    from += common;
    to += common;
    const byte = byteAt(from);
    if (byte == QUOTE) {
      Copied.end = to;
      return from + 1;
    }
    if (byte == BACKSLASH) {
      do {
        from = copyEscape(from + 1, to);
        if (from == 0) return 0;
        to = Copied.end;
      } while (byteAt(from) == BACKSLASH);
    } else if (byte >= 0x80) {
      do {
        from = copyCharacter(from, to);
        to = Copied.end;
      } while (byteAt(from) >= 0x80);
    } else {
      return 0;
    }
  }
}

/** Copies the UTF-8 sequence at `from`, whose first byte is not ASCII; U+FFFD for as much of it as is valid. */
function copyCharacter(from: usize, to: usize): usize {
  const lead = byteAt(from);
  if (lead < 0xc2 || lead > 0xf4) return copyReplacement(from + 1, to);
  const following = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  // The second byte has a narrower range where the sequence would be too long, a surrogate, or beyond U+10FFFF.
  let least: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  let most: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  store<u8>(to, lead);
  for (let i = 1; i <= following; i++) {
    const byte = byteAt(from + i);
    if (byte < least || byte > most) return copyReplacement(from + i, to);
    store<u8>(to + i, byte);
    least = 0x80;
    most = 0xbf;
  }
  Copied.end = to + following + 1;
  return from + following + 1;
}

function copyReplacement(from: usize, to: usize): usize {
  store<u16>(to, 0xbfef);
  store<u8>(to, 0xbd, 2);
  Copied.end = to + 3;
  return from;
}

/** The character that each byte stands for behind a backslash; 0 for others, and for `u`. */
const ESCAPES = memory.data(256);
store<u8>(ESCAPES + QUOTE, <u8>QUOTE);
store<u8>(ESCAPES + BACKSLASH, <u8>BACKSLASH);
store<u8>(ESCAPES + 0x2f, 0x2f); // slash
store<u8>(ESCAPES + 0x62, 0x08); // b
store<u8>(ESCAPES + 0x66, 0x0c); // f
store<u8>(ESCAPES + 0x6e, 0x0a); // n
store<u8>(ESCAPES + 0x72, 0x0d); // r
store<u8>(ESCAPES + 0x74, 0x09); // t

/** The character that a byte stands for behind a backslash; 0 for none, and for `u`. */
// @ts-ignore: decorator
@inline
export function simpleEscape(byte: u32): u32 {
  return load<u8>(ESCAPES + byte);
}

export const UNICODE_ESCAPE: u32 = 0x75; // u

/** Copies the character whose escape begins behind the backslash before `from`. 0 when it is no escape. */
function copyEscape(from: usize, to: usize): usize {
  const byte = byteAt(from);
  const character = simpleEscape(byte);
  if (character == 0) return byte == UNICODE_ESCAPE ? copyUnicodeEscape(from + 1, to) : 0;
  store<u8>(to, character);
  Copied.end = to + 1;
  return from + 1;
}

/** Copies the character whose four hex digits are at `from`; of a surrogate pair, two escapes. */
function copyUnicodeEscape(from: usize, to: usize): usize {
  let character = fourHexDigits(from);
  if (character == NO_DIGITS) return 0;
  from += 4;
  if (character - 0xd800 < 0x400 && load<u16>(from) == BACKSLASH_U) {
    const low = fourHexDigits(from + 2);
    if (low - 0xdc00 < 0x400) {
      character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
      from += 6;
    }
  }
  if (character - 0xd800 < 0x800) {
    Copied.hasHalfPair = true;
    return copyReplacement(from, to);
  }
  Copied.end = encodeCharacter(character, to);
  return from;
}

const BACKSLASH_U: u32 = 0x755c;
const NO_DIGITS: u32 = 0xffffffff;

/** The number of four hex digits; NO_DIGITS when they are none. */
export function fourHexDigits(p: usize): u32 {
  const a = hexDigit(byteAt(p));
  const b = hexDigit(byteAt(p + 1));
  const c = hexDigit(byteAt(p + 2));
  const d = hexDigit(byteAt(p + 3));
  return (a | b | c | d) > 15 ? NO_DIGITS : (a << 12) | (b << 8) | (c << 4) | d;
}

function encodeCharacter(character: u32, to: usize): usize {
  if (character < 0x80) {
    store<u8>(to, character);
    return to + 1;
  }
  if (character < 0x800) {
    store<u8>(to, 0xc0 | (character >> 6));
    store<u8>(to, 0x80 | (character & 0x3f), 1);
    return to + 2;
  }
  if (character < 0x10000) {
    store<u8>(to, 0xe0 | (character >> 12));
    store<u8>(to, 0x80 | ((character >> 6) & 0x3f), 1);
    store<u8>(to, 0x80 | (character & 0x3f), 2);
    return to + 3;
  }
  store<u8>(to, 0xf0 | (character >> 18));
  store<u8>(to, 0x80 | ((character >> 12) & 0x3f), 1);
  store<u8>(to, 0x80 | ((character >> 6) & 0x3f), 2);
  store<u8>(to, 0x80 | (character & 0x3f), 3);
  return to + 4;
}
