// The tokens of JSON (RFC 8259). A zero byte follows the text, which is no token, so that nothing looks for its end.

export const QUOTE: u32 = 0x22;
export const BACKSLASH: u32 = 0x5c;
export const COMMA: u32 = 0x2c;
export const COLON: u32 = 0x3a;
export const OPEN_OBJECT: u32 = 0x7b;
export const CLOSE_OBJECT: u32 = 0x7d;
export const OPEN_LIST: u32 = 0x5b;
export const CLOSE_LIST: u32 = 0x5d;
export const SPACE: u32 = 0x20;
export const ZERO: u32 = 0x30;
export const MINUS: u32 = 0x2d;
export const PLUS: u32 = 0x2b;
export const POINT: u32 = 0x2e;

/** `null` and `true` as four bytes; of `false` the last four. */
export const NULL: u32 = 0x6c6c756e;
export const TRUE: u32 = 0x65757274;
export const ALSE: u32 = 0x65736c61;

// @ts-ignore: decorator
@inline
export function byteAt(p: usize): u32 {
  return load<u8>(p);
}

/** The address of the first byte from p on that is no white space. */
// @ts-ignore: decorator
@inline
export function skipSpace(p: usize): usize {
  return byteAt(p) > SPACE ? p : skipSomeSpace(p);
}

function skipSomeSpace(p: usize): usize {
  while (true) {
    const byte = byteAt(p);
    if (byte != SPACE && byte != 0x0a && byte != 0x0d && byte != 0x09) return p;
    p++;
  }
}

// @ts-ignore: decorator
@inline
export function isDigit(byte: u32): bool {
  return byte - ZERO < 10;
}

/** The value of the hex digit that each byte is; NO_DIGIT for others. */
const DIGITS = memory.data(256);
const NO_DIGIT: u8 = 0x80;
memory.fill(DIGITS, NO_DIGIT, 256);
for (let i: u32 = 0; i < 10; i++) store<u8>(DIGITS + ZERO + i, i);
for (let i: u32 = 0; i < 6; i++) {
  store<u8>(DIGITS + 0x41 + i, i + 10);
  store<u8>(DIGITS + 0x61 + i, i + 10);
}

/** The value of a hex digit; more than 15 for another byte. */
// @ts-ignore: decorator
@inline
export function hexDigit(byte: u32): u32 {
  return load<u8>(DIGITS + byte);
}

/** One bit for each of 16 bytes of a string that is a quote, a backslash or a control character. */
// @ts-ignore: decorator
@inline
function specialBytes(text: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(text, i8x16.splat(0x22)), i8x16.eq(text, i8x16.splat(0x5c))),
      i8x16.lt_u(text, i8x16.splat(0x20)),
    ),
  );
}

/** The address of the first quote, backslash or control character from p on. */
export function specialAt(p: usize): usize {
  while (true) {
    const special = specialBytes(v128.load(p));
    if (special != 0) return p + ctz(special);
    p += 16;
  }
}
