// Attributes, looked for in the bytes of an item, its scope and its resource: an item that cannot have them need
// not be decoded.

import {
  CONTEXT_TAG,
  KEY_TAG,
  RESOURCE_ATTRIBUTES_TAG,
  SCOPE_ATTRIBUTES_TAG,
  STRING_VALUE_TAG,
  VALUE_TAG,
} from "../../../../otlp/scan/assembly/attribute-tags";
import { fingerprintBit } from "../../../../otlp/scan/assembly/fingerprint";
import { behindField, behindPrefix, equalBytes, prefixValue } from "../../../../otlp/scan/assembly/strings";
import { WIRE_LENGTH } from "../../../../otlp/scan/assembly/wire-types";
import {
  ROW_CATEGORY,
  ROW_FINGERPRINT,
  ROW_HAS_LATE_CONTEXT,
  ROW_ITEM_AT,
  ROW_ITEM_LENGTH,
  ROW_RESOURCE_AT,
  ROW_SCOPE_AT,
} from "../../../../otlp/scan/layout";
import {
  ATTRIBUTE_TAGS,
  CRITERIA_ATTRIBUTE_TAGS,
  CRITERIA_ATTRIBUTES_AT,
  CRITERIA_ATTRIBUTES_COUNT,
  MARK_BYTES,
  MAX_FIELDS_AT_ALL,
  MAX_WANTED,
  WANTED_BYTES,
  WANTED_KEY_AT,
  WANTED_KEY_LENGTH,
  WANTED_MARKS,
  WANTED_MARKS_COUNT,
  WANTED_TEXT_AT,
  WANTED_TEXT_LENGTH,
} from "../index-layout";

// Fields that this search has looked at for attributes; comparing a string counts as one for each 16 bytes.
let looked: u32 = 0;

// Rows of one request follow each other, so that the last resource and the last scope looked at are remembered: the
// address of the container, and whether it may have each attribute wanted, in one bit for each.
let resourceAt: u32 = 0;
let scopeAt: u32 = 0;
/** Whether nothing of them comes after the first field of their containers, which may have thousands. */
let isContextFirst: bool = false;
let known: u64 = 0;
let mayHave: u64 = 0;
/** The bits of the resource are the lower ones. */
const SCOPE_SHIFT: u64 = MAX_WANTED;
const RESOURCE_BITS: u64 = ((<u64>1) << SCOPE_SHIFT) - 1;

/**
 * Forgets what was looked at before: the filter or the memory may have changed. Makes bits of the marks of the attributes
 * wanted.
 */
export function beginSearch(count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const wanted = wantedAt(i);
    const end = marksEnd(wanted);
    for (let mark = wanted + WANTED_MARKS; mark < end; mark += MARK_BYTES) {
      store<u64>(mark, load<u64>(mark) | fingerprintBit(load<u64>(mark + 8)));
    }
  }
  looked = 0;
  resourceAt = 0;
  scopeAt = 0;
}

/** Fields looked at since `beginSearch`. */
export function fieldsLookedAt(): u32 {
  return looked;
}

/**
 * Whether the item of a row, its scope or its resource may have each attribute of the criteria. Never false for
 * one that has them; true also for one that only decoding can tell.
 */
export function mayHaveAttributes(row: usize): bool {
  looked++;
  const count = load<u32>(CRITERIA_ATTRIBUTES_COUNT);
  const category: u32 = load<u8>(row + ROW_CATEGORY);
  const tags = CRITERIA_ATTRIBUTE_TAGS + (category < <u32>ATTRIBUTE_TAGS ? category : ATTRIBUTE_TAGS - 1);
  const tag: u32 = load<u8>(tags);
  const itemAt: usize = load<u32>(row + ROW_ITEM_AT);
  const itemEnd = itemAt + load<u32>(row + ROW_ITEM_LENGTH);
  const fingerprint = load<u64>(row + ROW_FINGERPRINT);
  isContextFirst = load<u8>(row + ROW_HAS_LATE_CONTEXT) == 0;
  rememberContexts(load<u32>(row + ROW_RESOURCE_AT), load<u32>(row + ROW_SCOPE_AT));
  for (let i: u32 = 0; i < count; i++) {
    const wanted = wantedAt(i);
    if (tag == 0 || mayBeAmong(fingerprint, wanted)) {
      touch(itemAt, itemEnd);
      if (mayHold(itemAt, itemEnd, tag, wanted)) continue;
    }
    const bit = (<u64>1) << i;
    if (contextMayHold(scopeAt, SCOPE_ATTRIBUTES_TAG, wanted, bit << SCOPE_SHIFT)) continue;
    if (!contextMayHold(resourceAt, RESOURCE_ATTRIBUTES_TAG, wanted, bit)) return false;
  }
  return true;
}

/** Where the wanted attribute with this index is. */
// @ts-ignore: decorator
@inline
function wantedAt(i: u32): usize {
  return <usize>load<u32>(CRITERIA_ATTRIBUTES_AT) + <usize>i * WANTED_BYTES;
}

// @ts-ignore: decorator
@inline
function marksEnd(wanted: usize): usize {
  return wanted + WANTED_MARKS + <usize>load<u32>(wanted + WANTED_MARKS_COUNT) * MARK_BYTES;
}

/** Whether an attribute may be among those that have made a fingerprint. */
// @ts-ignore: decorator
@inline
function mayBeAmong(fingerprint: u64, wanted: usize): bool {
  const end = marksEnd(wanted);
  let mark = wanted + WANTED_MARKS;
  if (mark == end) return true;
  for (; mark < end; mark += MARK_BYTES) {
    const bits = load<u64>(mark);
    if ((fingerprint & bits) == bits) return true;
  }
  return false;
}

/** What it costs to wait for the memory of an item, which is not beside that of the one before, in fields. */
const FIELDS_OF_WAIT: u32 = 8;
let touched: u32 = 0;

/** Reads a byte of each cache line of an item: the walk over its fields would wait for one after the other. */
// @ts-ignore: decorator
@inline
function touch(at: usize, end: usize): void {
  looked += FIELDS_OF_WAIT;
  let sum: u32 = 0;
  const stop = min(end, at + 1024);
  for (let p = at; p < stop; p += 64) sum += load<u8>(p);
  touched = sum;
}

/** Forgets what is known of the resource or the scope when the row has another one. */
function rememberContexts(resource: u32, scope: u32): void {
  let kept: u64 = -1;
  if (resource != resourceAt) kept &= ~RESOURCE_BITS;
  if (scope != scopeAt) kept &= RESOURCE_BITS;
  resourceAt = resource;
  scopeAt = scope;
  known &= kept;
  mayHave &= kept;
}

/** @param bit in which it is remembered whether the container may have the attribute */
function contextMayHold(containerAt: usize, tag: u32, wanted: usize, bit: u64): bool {
  if ((known & bit) != 0) return (mayHave & bit) != 0;
  const may = searchContext(containerAt, tag, wanted);
  known |= bit;
  if (may) mayHave |= bit;
  return may;
}

/**
 * Looks in the Resource or the InstrumentationScope (field 1, in as many pieces as it came) of the container at
 * this length prefix.
 */
function searchContext(containerAt: usize, tag: u32, wanted: usize): bool {
  let p = behindPrefix(containerAt);
  const end = p + prefixValue(containerAt);
  while (p < end) {
    if (++looked > <u32>MAX_FIELDS_AT_ALL) return true;
    const field = prefixValue(p);
    p = behindPrefix(p);
    const behind = behindField(field, p);
    if (field == CONTEXT_TAG && mayHold(behindPrefix(p), behind, tag, wanted)) return true;
    if (isContextFirst) return false;
    p = behind;
  }
  return false;
}

/**
 * Whether the message in [p, end) may hold an attribute, which is a KeyValue under this tag, with the wanted key and
 * text. It goes from field to field by their lengths, so that no text can make it look at a byte many times.
 */
function mayHold(p: usize, end: usize, tag: u32, wanted: usize): bool {
  if (tag == 0) return true;
  while (p < end) {
    if (++looked > <u32>MAX_FIELDS_AT_ALL) return true;
    let field: u32 = load<u8>(p);
    let length: u32 = load<u8>(p + 1);
    // Most fields have a length and are short: their tags and lengths are a byte each.
    if ((field & 0x87) == WIRE_LENGTH && length < 0x80) {
      p += 2;
      if (field == tag && mayBeAttribute(p, p + length, wanted)) return true;
      p += length;
      continue;
    }
    field = prefixValue(p);
    p = behindPrefix(p);
    const behind = behindField(field, p);
    if (field == tag && mayBeAttribute(behindPrefix(p), behind, wanted)) return true;
    p = behind;
  }
  return false;
}

/** As `mayBe`, which it leaves a KeyValue to that is not as most are: a short key, then a short value. */
// @ts-ignore: decorator
@inline
function mayBeAttribute(p: usize, end: usize, wanted: usize): bool {
  if (end - p >= 4 && load<u8>(p) == KEY_TAG) {
    const keyLength: u32 = load<u8>(p + 1);
    const valueAt = p + 2 + keyLength;
    if (keyLength < 0x80 && valueAt + 2 <= end && load<u8>(valueAt) == VALUE_TAG) {
      const valueLength: u32 = load<u8>(valueAt + 1);
      if (valueLength < 0x80 && valueAt + 2 + valueLength == end) {
        if (keyLength != load<u32>(wanted + WANTED_KEY_LENGTH)) return false;
        looked += keyLength >> 4;
        if (!equalBytes(p + 2, load<u32>(wanted + WANTED_KEY_AT), keyLength)) return false;
        return !isOtherString(valueAt + 2, end, wanted);
      }
    }
  }
  return mayBe(p, end, wanted);
}

/**
 * Whether the KeyValue in [p, end) has the wanted key and, as far as its bytes tell, the wanted text. A key that comes
 * twice counts by its last value. The value is settled here when it is one string, as most are, and nothing else.
 */
function mayBe(p: usize, end: usize, wanted: usize): bool {
  const wantedLength = load<u32>(wanted + WANTED_KEY_LENGTH);
  let isKey = wantedLength == 0;
  let values = 0;
  let isOther = false;
  while (p < end) {
    if (++looked > <u32>MAX_FIELDS_AT_ALL) return true;
    const field = prefixValue(p);
    p = behindPrefix(p);
    const behind = behindField(field, p);
    if (field == KEY_TAG) {
      isKey = isEqual(p, load<u32>(wanted + WANTED_KEY_AT), wantedLength);
    } else if (field == VALUE_TAG) {
      values++;
      isOther = isOtherString(behindPrefix(p), behind, wanted);
    }
    p = behind;
  }
  return isKey && (values != 1 || !isOther);
}

/** Whether the AnyValue in [p, end) is one string, and not the wanted one. */
function isOtherString(p: usize, end: usize, wanted: usize): bool {
  if (p == end || load<u8>(p) != STRING_VALUE_TAG) return false;
  if (behindPrefix(p + 1) + prefixValue(p + 1) != end) return false;
  return !isEqual(p + 1, load<u32>(wanted + WANTED_TEXT_AT), load<u32>(wanted + WANTED_TEXT_LENGTH));
}

/** Whether the string behind the length prefix at p is the wanted one. */
function isEqual(p: usize, wanted: usize, length: u32): bool {
  if (prefixValue(p) != length) return false;
  looked += length >> 4;
  return equalBytes(behindPrefix(p), wanted, length);
}
