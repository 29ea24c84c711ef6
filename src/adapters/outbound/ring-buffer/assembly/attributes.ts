// Attributes, looked for in the bytes of an item, its scope and its resource: an item that cannot have them need
// not be decoded.

import { behindPrefix, equalBytes, prefixValue } from "../../../../otlp/scan/assembly/strings";
import { ROW_ITEM_AT, ROW_ITEM_LENGTH, ROW_RESOURCE_AT, ROW_SCOPE_AT } from "../../../../otlp/scan/layout";
import {
  CRITERIA_ATTRIBUTES_AT,
  CRITERIA_ATTRIBUTES_COUNT,
  WANTED_BYTES,
  WANTED_KEY_AT,
  WANTED_KEY_LENGTH,
  WANTED_TEXT_AT,
  WANTED_TEXT_LENGTH,
} from "../index-layout";

// Rows of one request follow each other, so that the last resource and the last scope looked at are remembered:
// the address of the container, and a bit for each of the first 32 attributes wanted. For any others the container
// is looked at again.
let resourceAt: u32 = 0;
let resourceKnown: u32 = 0;
let resourceMayHave: u32 = 0;
let scopeAt: u32 = 0;
let scopeKnown: u32 = 0;
let scopeMayHave: u32 = 0;

/** To be called when the criteria or the memory may have changed. */
export function forgetContext(): void {
  resourceAt = 0;
  scopeAt = 0;
}

/**
 * Whether the item of a row, its scope or its resource may have each attribute of the criteria. Never false for
 * one that has them; true also for one that only decoding can tell.
 */
export function mayHaveAttributes(row: usize): bool {
  const count = load<u32>(CRITERIA_ATTRIBUTES_COUNT);
  const itemAt: usize = load<u32>(row + ROW_ITEM_AT);
  const itemEnd = itemAt + load<u32>(row + ROW_ITEM_LENGTH);
  for (let i: u32 = 0; i < count; i++) {
    const wanted = <usize>load<u32>(CRITERIA_ATTRIBUTES_AT) + <usize>i * WANTED_BYTES;
    if (mayHold(itemAt, itemEnd, wanted)) continue;
    if (scopeMayHold(load<u32>(row + ROW_SCOPE_AT), i, wanted)) continue;
    if (!resourceMayHold(load<u32>(row + ROW_RESOURCE_AT), i, wanted)) return false;
  }
  return true;
}

function resourceMayHold(containerAt: u32, index: u32, wanted: usize): bool {
  if (containerAt != resourceAt) {
    resourceAt = containerAt;
    resourceKnown = 0;
    resourceMayHave = 0;
  }
  const bit: u32 = index < 32 ? 1 << index : 0;
  if ((resourceKnown & bit) != 0) return (resourceMayHave & bit) != 0;
  const may = searchContext(containerAt, wanted);
  resourceKnown |= bit;
  if (may) resourceMayHave |= bit;
  return may;
}

function scopeMayHold(containerAt: u32, index: u32, wanted: usize): bool {
  if (containerAt != scopeAt) {
    scopeAt = containerAt;
    scopeKnown = 0;
    scopeMayHave = 0;
  }
  const bit: u32 = index < 32 ? 1 << index : 0;
  if ((scopeKnown & bit) != 0) return (scopeMayHave & bit) != 0;
  const may = searchContext(containerAt, wanted);
  scopeKnown |= bit;
  if (may) scopeMayHave |= bit;
  return may;
}

/**
 * Looks in the Resource or the InstrumentationScope (field 1, in as many pieces as it came) of the container at
 * this length prefix.
 */
function searchContext(containerAt: usize, wanted: usize): bool {
  let p = behindPrefix(containerAt);
  const end = p + prefixValue(containerAt);
  while (p < end) {
    const tag: u32 = prefixValue(p);
    p = behindPrefix(p);
    switch (tag & 7) {
      case 0:
        p = behindPrefix(p);
        break;
      case 1:
        p += 8;
        break;
      case 5:
        p += 4;
        break;
      default: {
        const length = prefixValue(p);
        p = behindPrefix(p);
        if (tag == 0x0a && mayHold(p, p + length, wanted)) return true;
        p += length;
      }
    }
  }
  return false;
}

/** Whether the message in [p, end) may hold a KeyValue with the wanted key and text, at any depth. */
function mayHold(p: usize, end: usize, wanted: usize): bool {
  const key: usize = load<u32>(wanted + WANTED_KEY_AT);
  const keyLength = load<u32>(wanted + WANTED_KEY_LENGTH);
  if (keyLength == 0) return true;
  const first = load<u8>(key);
  const start = p;
  for (; p + keyLength <= end; p++) {
    if (load<u8>(p) != first || !equalBytes(p, key, keyLength)) continue;
    if (!isOtherString(start, p, keyLength, end, wanted)) return true;
  }
  return false;
}

/**
 * Whether the key found at p is that of a KeyValue in the shape that every SDK writes (key, then value, all
 * lengths in one byte) whose value is a string, and another one. Then it is settled without decoding.
 */
function isOtherString(start: usize, p: usize, keyLength: u32, end: usize, wanted: usize): bool {
  const behind = p + keyLength;
  if (keyLength > 0x7f || p < start + 3 || behind + 4 > end) return false;
  const pair: u32 = load<u8>(p - 3);
  if (load<u8>(p - 2) != 0x0a || <u32>load<u8>(p - 1) != keyLength) return false;
  const value: u32 = load<u8>(behind + 1);
  const length: u32 = load<u8>(behind + 3);
  if (load<u8>(behind) != 0x12 || load<u8>(behind + 2) != 0x0a) return false;
  if (length > 0x7f || value != length + 2 || pair != keyLength + 4 + value) return false;
  if (pair > 0x7f || behind + 4 + length > end) return false;
  return (
    length != load<u32>(wanted + WANTED_TEXT_LENGTH) ||
    !equalBytes(behind + 4, load<u32>(wanted + WANTED_TEXT_AT), length)
  );
}
