// Whether bytes are UTF-8 (RFC 3629).

import { MAX_TEXT_BYTES } from "../layout";

export function isUtf8(at: usize, length: u32): bool {
  if (length > <u32>MAX_TEXT_BYTES) return isUtf8Before(at, at + MAX_TEXT_BYTES, true);
  return isUtf8Before(at, at + length, false);
}

/** @param isCut whether more follows the end, so that the last character may not be whole */
function isUtf8Before(p: usize, end: usize, isCut: bool): bool {
  while (p < end) {
    if (p + 8 <= end && (load<u64>(p) & 0x8080808080808080) == 0) {
      p += 8;
      continue;
    }
    const lead: u32 = load<u8>(p);
    if (lead < 0x80) {
      p++;
      continue;
    }
    const length: usize = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4) return false;
    if (p + length > end) return isCut;
    // The second byte tells overlong forms, surrogates and what is beyond U+10FFFF.
    const second: u32 = load<u8>(p, 1);
    const least: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const most: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    for (let i: usize = 2; i < length; i++) {
      if ((load<u8>(p + i) & 0xc0) != 0x80) return false;
    }
    p += length;
  }
  return true;
}
