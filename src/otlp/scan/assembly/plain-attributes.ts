// The short way over the attributes that every SDK writes alike: most bytes of most requests are these.

import { FINGERPRINT_BOOL, FINGERPRINT_DOUBLE, MAX_DEPTH } from "../layout";
import { bitsOfPlain, noteBits } from "./fingerprint";
import { isWholeVarint } from "./varints";

/**
 * Notes the plain attribute in [p, next), and those that follow it under the same one-byte tag, back to back. Returns the
 * address after them.
 */
export function skipPlainAttributes(p: usize, next: usize, end: usize, tag: u32, depth: u32): usize {
  let bits = bitsOfPlain(p, next, plainKind);
  p = next;
  while (p + 2 <= end && load<u8>(p) == tag) {
    const length: u32 = load<u8>(p, 1);
    next = p + 2 + length;
    if (length > 0x7f || next > end || !isPlainAttribute(p + 2, next, depth)) break;
    bits |= bitsOfPlain(p + 2, next, plainKind);
    p = next;
  }
  noteBits(bits, depth);
  return p;
}

/**
 * The FINGERPRINT_* bits of the plain attribute last looked at: all when its value is not written in the one way in which
 * encoders do.
 */
let plainKind: u64 = 0;

/**
 * Whether [p, end) is a KeyValue in the shape that every SDK writes: key (1), then value (2) with one string, bool,
 * int or double, all lengths in one byte. Most bytes of most requests are these, and here they are checked without a
 * call a level. An attribute of another shape, right or wrong, is left to `walk`.
 */
// @ts-ignore: decorator
@inline
export function isPlainAttribute(p: usize, end: usize, depth: u32): bool {
  // The KeyValue and its AnyValue are two levels. The smallest holds an empty key and a bool.
  if (depth + 2 > <u32>MAX_DEPTH || end - p < 6) return false;
  // Tag and length in one load; the mask leaves the tag and the length's high bit.
  const key: u32 = load<u16>(p);
  if ((key & 0x80ff) != 0x0a) return false;
  p += 2 + (key >> 8);
  if (p + 4 > end) return false;
  const value: u32 = load<u16>(p);
  p += 2;
  if ((value & 0x80ff) != 0x12 || p + (value >> 8) != end) return false;
  const content: u32 = load<u16>(p);
  plainKind = 0;
  switch (content & 0xff) {
    case 0x0a: // string_value, which ends with the AnyValue
      return p + 2 + (content >> 8) == end;
    case 0x10: // bool_value
      plainKind = content <= 0x0110 ? FINGERPRINT_BOOL : -1;
      return content < 0x8000 ? p + 2 == end : isWholeVarint(p + 1, end);
    case 0x18: // int_value
      if (content < 0x8000) return p + 2 == end;
      // A last byte of 0 adds nothing to the number.
      if (load<u8>(end - 1) == 0) plainKind = -1;
      return isWholeVarint(p + 1, end);
    case 0x21: // double_value
      plainKind = FINGERPRINT_DOUBLE;
      return p + 9 == end;
    default:
      return false;
  }
}
