// The short way over the attributes that every SDK writes alike: most bytes of most requests are these.

import { FINGERPRINT_BOOL, FINGERPRINT_DOUBLE, FINGERPRINT_NOT_PLAIN, MAX_DEPTH } from "../layout";
import { bitsOfPlain, countsAt, noteBits } from "./fingerprint";
import { isWholeVarint } from "./varints";

/**
 * Notes the plain attributes from p on that follow each other under the same one-byte tag, and begin before `stop`.
 * Returns the address after them, which is p when there is none.
 *
 * A plain attribute is a KeyValue in the shape that every SDK writes: key (1), then value (2) with one string, bool,
 * int or double, all lengths in one byte. Here it is checked by two loads of four bytes, without a call a level. An
 * attribute of another shape, right or wrong, is left to `walk`.
 */
export function skipPlainAttributes(p: usize, stop: usize, end: usize, tag: u32, depth: u32): usize {
  // The KeyValue and its AnyValue are two levels.
  if (depth + 2 > <u32>MAX_DEPTH) return p;
  const head: u32 = tag | 0x0a0000;
  const counts = countsAt(depth);
  let bits: u64 = 0;
  // The smallest attribute has, behind its own tag and length, an empty key and a bool.
  const bound = min(stop, end - 7);
  while (p < bound) {
    // Its tag and length, and those of the key. The mask leaves the tags and the high bits of the lengths.
    const start: u32 = load<u32>(p);
    if ((start & 0x80ff80ff) != head) break;
    // The next attribute waits for this alone, so it has a load of its own.
    const next = p + 2 + load<u8>(p, 1);
    const valueAt = p + 4 + (start >> 24);
    if (next > end || valueAt + 4 > next) break;
    // Those of the AnyValue, and of what it holds.
    const value: u32 = load<u32>(valueAt);
    const length = <u32>(next - valueAt) - 2;
    let kind: u64 = 0;
    // One comparison tells that it is a string which ends with the AnyValue and the KeyValue.
    if (value != 0x0a0012 + (length << 8) + ((length - 2) << 24)) {
      if ((value & 0xffff) != (0x12 | (length << 8))) break;
      kind = kindOf(value >> 16, valueAt + 2, next);
      if (kind == FINGERPRINT_NOT_PLAIN) break;
    }
    if (counts) bits |= bitsOfPlain(p + 2, next, kind);
    p = next;
  }
  if (counts) noteBits(bits);
  return p;
}

/**
 * The FINGERPRINT_* bits of the kind of a plain AnyValue in [p, end) that is no string: all when it is not written in the
 * one way in which encoders do.
 * @param content its first two bytes
 */
// @ts-ignore: decorator
@inline
function kindOf(content: u32, p: usize, end: usize): u64 {
  switch (content & 0xff) {
    case 0x10: // bool_value
      if (content < 0x8000 ? p + 2 != end : !isWholeVarint(p + 1, end)) return FINGERPRINT_NOT_PLAIN;
      return content <= 0x0110 ? FINGERPRINT_BOOL : -1;
    case 0x18: // int_value
      if (content < 0x8000) return p + 2 == end ? 0 : FINGERPRINT_NOT_PLAIN;
      if (!isWholeVarint(p + 1, end)) return FINGERPRINT_NOT_PLAIN;
      // A last byte of 0 adds nothing to the number.
      return load<u8>(end - 1) == 0 ? -1 : 0;
    case 0x21: // double_value
      return p + 9 == end ? FINGERPRINT_DOUBLE : FINGERPRINT_NOT_PLAIN;
    default:
      return FINGERPRINT_NOT_PLAIN;
  }
}
