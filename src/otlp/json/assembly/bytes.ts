// Bytes in JSON strings: hex digits of ids, base64 of all others. Both write what they read at the cursor, with its
// length, and return false when it is something else; then the cursor may be anywhere.

import { Cursor } from "./cursor";
import { byteAt, hexDigit, QUOTE, specialAt } from "./text";
import { writeVarint } from "./wire";

/** Hex digits in either letter case. */
export function writeHex(): bool {
  if (byteAt(Cursor.at) != QUOTE) return false;
  let p = Cursor.at + 1;
  const end = specialAt(p);
  const digits = end - p;
  if (byteAt(end) != QUOTE || (digits & 1) != 0) return false;
  writeVarint(digits >> 1);
  let out = Cursor.out;
  while (p + 16 <= end) {
    if (!writeHex16(p, out)) return false;
    p += 16;
    out += 8;
  }
  while (p < end) {
    const high = hexDigit(byteAt(p));
    const low = hexDigit(byteAt(p + 1));
    if ((high | low) > 15) return false;
    store<u8>(out++, (high << 4) | low);
    p += 2;
  }
  Cursor.at = end + 1;
  Cursor.out = out;
  return true;
}

/** Writes the 8 bytes that the 16 hex digits at p are. */
function writeHex16(p: usize, out: usize): bool {
  const text = v128.load(p);
  const digits = i8x16.sub(text, i8x16.splat(0x30));
  const letters = i8x16.sub(v128.or(text, i8x16.splat(0x20)), i8x16.splat(0x61));
  const areDigits = i8x16.lt_u(digits, i8x16.splat(10));
  const areLetters = i8x16.lt_u(letters, i8x16.splat(6));
  if (!i8x16.all_true(v128.or(areDigits, areLetters))) return false;
  const values = v128.bitselect(digits, i8x16.add(letters, i8x16.splat(10)), areDigits);
  // The first of each pair is the high half.
  const pairs = v128.or(i16x8.shl(values, 4), i16x8.shr_u(values, 8));
  const bytes = v128.and(pairs, i16x8.splat(0xff));
  v128.store64_lane(out, i8x16.narrow_i16x8_u(bytes, bytes), 0);
  return true;
}

/** The six bits that each byte stands for in base64; NO_SEXTET for others. */
const SEXTETS = memory.data(256);
const NO_SEXTET: u8 = 0x80;
memory.fill(SEXTETS, NO_SEXTET, 256);
for (let i: u32 = 0; i < 26; i++) {
  store<u8>(SEXTETS + 0x41 + i, i);
  store<u8>(SEXTETS + 0x61 + i, i + 26);
}
for (let i: u32 = 0; i < 10; i++) store<u8>(SEXTETS + 0x30 + i, i + 52);
store<u8>(SEXTETS + 0x2b, 62); // +
store<u8>(SEXTETS + 0x2d, 62); // -
store<u8>(SEXTETS + 0x2f, 63); // slash
store<u8>(SEXTETS + 0x5f, 63); // _

// @ts-ignore: decorator
@inline
function sextetAt(p: usize): u32 {
  return load<u8>(SEXTETS + load<u8>(p));
}

const EQUALS: u32 = 0x3d;

/** Base64 of either alphabet (RFC 4648, sections 4 and 5), with or without padding. */
export function writeBase64(): bool {
  if (byteAt(Cursor.at) != QUOTE) return false;
  let p = Cursor.at + 1;
  const quote = specialAt(p);
  if (byteAt(quote) != QUOTE) return false;
  let end = quote;
  if (end > p && byteAt(end - 1) == EQUALS) end--;
  if (end > p && byteAt(end - 1) == EQUALS) end--;
  const rest = (end - p) & 3;
  if (rest == 1) return false;
  writeVarint((((end - p) >> 2) * 3) + (rest == 0 ? 0 : rest - 1));
  let out = Cursor.out;
  let all: u32 = 0;
  while (p + 4 <= end) {
    const a = sextetAt(p);
    const b = sextetAt(p + 1);
    const c = sextetAt(p + 2);
    const d = sextetAt(p + 3);
    all |= a | b | c | d;
    store<u8>(out, (a << 2) | (b >> 4));
    store<u8>(out, (b << 4) | (c >> 2), 1);
    store<u8>(out, (c << 6) | d, 2);
    p += 4;
    out += 3;
  }
  if (rest != 0) {
    const a = sextetAt(p);
    const b = sextetAt(p + 1);
    const c = rest == 3 ? sextetAt(p + 2) : 0;
    all |= a | b | c;
    store<u8>(out++, (a << 2) | (b >> 4));
    if (rest == 3) store<u8>(out++, (b << 4) | (c >> 2));
  }
  if ((all & NO_SEXTET) != 0) return false;
  Cursor.at = quote + 1;
  Cursor.out = out;
  return true;
}
