// The texts that rows are grouped by: services, names, and values of attributes, which are looked for in the bytes of an
// item, its scope and its resource.

import {
  CONTEXT_TAG,
  KEY_TAG,
  RESOURCE_ATTRIBUTES_TAG,
  SCOPE_ATTRIBUTES_TAG,
  STRING_VALUE_TAG,
  VALUE_TAG,
} from "../../../../otlp/scan/assembly/attribute-tags";
import { behindField, behindPrefix, equalBytes, prefixValue } from "../../../../otlp/scan/assembly/strings";
import {
  ROW_CATEGORY,
  ROW_ITEM_AT,
  ROW_ITEM_LENGTH,
  ROW_NAME_AT,
  ROW_RESOURCE_AT,
  ROW_SCOPE_AT,
  ROW_SERVICE_AT,
} from "../../../../otlp/scan/layout";
import {
  ATTRIBUTE_TAGS,
  COLUMNS_ATTRIBUTES,
  COLUMNS_ATTRIBUTES_COUNT,
  COLUMNS_ATTRIBUTES_KEYS,
  CRITERIA_ATTRIBUTE_TAGS,
  GROUP_BY_NAME,
  GROUP_BY_SERVICE,
  MAX_DECIDED_BYTES,
  MAX_DECIDED_VALUE_BYTES,
  MAX_FIELDS_LOOKED_AT,
  MAX_GROUP_ATTRIBUTES,
  RESOURCE_TEXTS,
  SCOPE_TEXTS,
  TEXTS,
} from "../index-layout";

/** AnyValue.bool_value and so on */
const BOOL_TAG: u32 = 0x10;
const INT_TAG: u32 = 0x18;
const DOUBLE_TAG: u32 = 0x21;
/** Fields that were looked at for attributes; comparing a text counts as one for each 16 bytes. */
let looked: u32 = 0;

/** Forgets what was looked at before: the memory may have changed. */
export function beginTexts(): void {
  looked = 0;
  scopeAt = 0;
  resourceAt = 0;
}

/** Counts the comparison of a text. */
// @ts-ignore: decorator
@inline
export function noteCompared(length: u32): void {
  looked += length >> 4;
}

/** Fields looked at since `beginTexts`. */
export function textsLookedAt(): u32 {
  return looked;
}


// The last scope and resource looked at.
let scopeAt: u32 = 0;
let resourceAt: u32 = 0;
let isScopeDecided: bool = true;
let isResourceDecided: bool = true;

/** Finds the texts that the row is grouped by. False when only decoding can tell them. */
export function takeTexts(row: usize, flags: u32, area: usize): bool {
  setText(TEXTS, (flags & GROUP_BY_SERVICE) != 0 ? load<u32>(row + ROW_SERVICE_AT) : 0);
  setText(TEXTS + 8, (flags & GROUP_BY_NAME) != 0 ? load<u32>(row + ROW_NAME_AT) : 0);
  const count = load<u32>(area + COLUMNS_ATTRIBUTES_COUNT);
  if (count == 0) return true;
  const length = load<u32>(row + ROW_ITEM_LENGTH);
  if (length > <u32>MAX_DECIDED_BYTES) return false;
  const category: u32 = load<u8>(row + ROW_CATEGORY);
  const tags = CRITERIA_ATTRIBUTE_TAGS + (category < <u32>ATTRIBUTE_TAGS ? category : ATTRIBUTE_TAGS - 1);
  const tag: u32 = load<u8>(tags);
  if (tag == 0) return false;
  const itemAt: usize = load<u32>(row + ROW_ITEM_AT);
  if (!findValues(itemAt, itemAt + length, tag, area, count, TEXTS + 16)) return false;
  const scope = load<u32>(row + ROW_SCOPE_AT);
  if (scope != scopeAt) {
    scopeAt = scope;
    isScopeDecided = findInContext(scope, SCOPE_ATTRIBUTES_TAG, area, count, SCOPE_TEXTS);
  }
  const resource = load<u32>(row + ROW_RESOURCE_AT);
  if (resource != resourceAt) {
    resourceAt = resource;
    isResourceDecided = findInContext(resource, RESOURCE_ATTRIBUTES_TAG, area, count, RESOURCE_TEXTS);
  }
  if (!isScopeDecided || !isResourceDecided) return false;
  for (let i: usize = 0; i < <usize>count << 3; i += 8) {
    const text = <usize>TEXTS + 16 + i;
    if (load<u32>(text) != 0) continue;
    const ofScope = load<u64>(<usize>SCOPE_TEXTS + i);
    store<u64>(text, <u32>ofScope != 0 ? ofScope : load<u64>(<usize>RESOURCE_TEXTS + i));
  }
  return true;
}

/** Writes address and length of the string behind the length prefix at this address. */
// @ts-ignore: decorator
@inline
function setText(text: usize, at: u32): void {
  store<u32>(text, at == 0 ? 0 : <u32>behindPrefix(at));
  store<u32>(text + 4, at == 0 ? 0 : prefixValue(at));
}

/** Looks in the message (field 1) of the container at this length prefix. A message in pieces is for decoding to tell. */
function findInContext(containerAt: usize, tag: u32, area: usize, count: u32, texts: usize): bool {
  memory.fill(texts, 0, MAX_GROUP_ATTRIBUTES * 8);
  if (containerAt == 0) return true;
  let p = behindPrefix(containerAt);
  const end = p + prefixValue(containerAt);
  let pieces = 0;
  while (p < end) {
    if (++looked > <u32>MAX_FIELDS_LOOKED_AT) return false;
    const field = prefixValue(p);
    p = behindPrefix(p);
    const behind = behindField(field, p);
    if (field == CONTEXT_TAG) {
      if (++pieces > 1 || prefixValue(p) > <u32>MAX_DECIDED_BYTES) return false;
      if (!findValues(behindPrefix(p), behind, tag, area, count, texts)) return false;
    }
    p = behind;
  }
  return true;
}

/** Finds the values of the attributes that are asked for in the message in [p, end). The last of one key counts. */
function findValues(p: usize, end: usize, tag: u32, area: usize, count: u32, texts: usize): bool {
  memory.fill(texts, 0, <usize>count << 3);
  while (p < end) {
    looked++;
    const field = prefixValue(p);
    p = behindPrefix(p);
    const behind = behindField(field, p);
    if (field == tag && !takeValue(behindPrefix(p), behind, area, count, texts)) return false;
    p = behind;
  }
  return true;
}

/** Notes the value of the KeyValue in [p, end) if its key is asked for. */
function takeValue(p: usize, end: usize, area: usize, count: u32, texts: usize): bool {
  let keyAt: usize = 0;
  let keyLength: u32 = 0;
  let valueAt: usize = 0;
  let valueLength: u32 = 0;
  let values = 0;
  while (p < end) {
    looked++;
    const field = prefixValue(p);
    p = behindPrefix(p);
    const behind = behindField(field, p);
    if (field == KEY_TAG) {
      keyAt = behindPrefix(p);
      keyLength = prefixValue(p);
    } else if (field == VALUE_TAG) {
      values++;
      valueAt = behindPrefix(p);
      valueLength = prefixValue(p);
    }
    p = behind;
  }
  for (let i: usize = 0; i < count; i++) {
    const wanted = area + COLUMNS_ATTRIBUTES + (i << 3);
    if (load<u32>(wanted + 4) != keyLength) continue;
    if (!equalBytes(area + COLUMNS_ATTRIBUTES_KEYS + load<u32>(wanted), keyAt, keyLength)) continue;
    if (values != 1 || !isPlain(valueAt, valueLength)) return false;
    store<u32>(texts + (i << 3), <u32>valueAt);
    store<u32>(texts + (i << 3) + 4, valueLength);
  }
  return true;
}

/** Whether an AnyValue takes little time to decode: it is short, and one string, bool, int or double, or none. */
function isPlain(at: usize, length: u32): bool {
  if (length == 0) return true;
  if (length > <u32>MAX_DECIDED_VALUE_BYTES) return false;
  const tag: u32 = load<u8>(at);
  if (tag != STRING_VALUE_TAG && tag != BOOL_TAG && tag != INT_TAG && tag != DOUBLE_TAG) return false;
  return behindField(tag, at + 1) == at + length;
}
