// Which attributes an item may have, in 64 bits: a search by an attribute goes over one number an item, and over the
// attributes of few items. It is made while the scanner passes over them anyway.
//
// Each attribute of the item itself sets a bit, chosen by the last eight bytes of its KeyValue: they are the end of its
// value, and where that is short, all of it and the end of the key. Where the bytes do not tell the value, because it is no
// string, bool, int or double, or is written in an unusual way, the bit is that of the end of the key, and one more says
// that there is such an attribute. Where the bytes do not even tell the key, all bits are set. Doubles and bools have a bit
// each, too: the text "1" may stand for a double, and most items have none.

import { FINGERPRINT_HASHED, FINGERPRINT_OTHER } from "../layout";
import { KEY_TAG, VALUE_TAG } from "./attribute-tags";
import { behindPrefix, prefixValue } from "./strings";

const TAIL_BYTES: u32 = 8;
const ALL: u64 = -1;

/** The bit that stands for the last eight bytes of an attribute or of its key; none for a few of them. */
// @ts-ignore: decorator
@inline
export function fingerprintBit(tail: u64): u64 {
  // The highest bits of a product depend on all bits of the number.
  return ((<u64>1) << ((tail * 0x9e3779b97f4a7c15) >> 58)) & FINGERPRINT_HASHED;
}

/** The bits of the attributes of the item at hand, so far. */
export let fingerprint: u64 = 0;
let itemDepth: u32 = 0;

/** @param depth of the fields of the item */
export function beginFingerprint(depth: u32): void {
  fingerprint = 0;
  itemDepth = depth;
}

/** The bits of the plain attribute in [p, end), and of its kind. */
// @ts-ignore: decorator
@inline
export function bitsOfPlain(p: usize, end: usize, kind: u64): u64 {
  return end - p >= TAIL_BYTES ? kind | fingerprintBit(load<u64>(end - TAIL_BYTES)) : ALL;
}

/** Whether attributes of this depth are those of the item: those of its events and links do not count. */
// @ts-ignore: decorator
@inline
export function countsAt(depth: u32): bool {
  return depth == itemDepth;
}

// @ts-ignore: decorator
@inline
export function noteBits(bits: u64): void {
  fingerprint |= bits;
}

/** Notes a KeyValue in [p, end) that is not plain, and sound. */
export function noteOtherAttribute(p: usize, end: usize, depth: u32): void {
  if (!countsAt(depth)) return;
  if (end - p >= TAIL_BYTES + 2 && load<u8>(p) == KEY_TAG) {
    const length: u32 = load<u8>(p + 1);
    const valueAt = p + 2 + length;
    const isKeyThenValue =
      length < 0x80 &&
      length + 2 >= TAIL_BYTES &&
      valueAt + 2 <= end &&
      load<u8>(valueAt) == VALUE_TAG &&
      behindPrefix(valueAt + 1) + prefixValue(valueAt + 1) == end;
    if (isKeyThenValue) {
      fingerprint |= FINGERPRINT_OTHER | fingerprintBit(load<u64>(valueAt - TAIL_BYTES));
      return;
    }
  }
  fingerprint = ALL;
}
