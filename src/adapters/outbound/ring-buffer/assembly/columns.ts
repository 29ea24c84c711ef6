// The columns of rows that match, written side by side so that the host can count them without decoding an item. Rows
// of one group, such as the spans of one service and name, have the same number.

import { behindField, behindPrefix, equalBytes, hashBytes, prefixValue } from "../../../../otlp/scan/assembly/strings";
import {
  ROW_BYTES,
  ROW_CATEGORY,
  ROW_ITEM_AT,
  ROW_ITEM_LENGTH,
  ROW_NAME_AT,
  ROW_NAME_HASH,
  ROW_RESOURCE_AT,
  ROW_SCOPE_AT,
  ROW_SERVICE_AT,
  ROW_SERVICE_HASH,
  ROW_STATUS,
  ROW_TIME,
  ROW_TIME_2,
} from "../../../../otlp/scan/layout";
import {
  ATTRIBUTE_TAGS,
  COLUMN_GROUPS,
  COLUMN_ROWS,
  COLUMNS_ATTRIBUTES,
  COLUMNS_ATTRIBUTES_COUNT,
  COLUMNS_ATTRIBUTES_KEYS,
  COLUMNS_END_TIMES,
  COLUMNS_FLAGS,
  COLUMNS_GROUP_OF,
  COLUMNS_GROUPS,
  COLUMNS_GROUPS_COUNT,
  COLUMNS_OFFSETS,
  COLUMNS_SLOTS,
  COLUMNS_STATUSES,
  COLUMNS_TABLE,
  COLUMNS_TIMES,
  COLUMNS_UNDECIDED,
  COLUMNS_UNDECIDED_COUNT,
  CRITERIA_ATTRIBUTE_TAGS,
  FIND_LOOKED,
  GROUP_BY_CATEGORY,
  GROUP_BY_NAME,
  GROUP_BY_SERVICE,
  GROUP_BY_STATUS,
  GROUP_BYTES,
  GROUP_CATEGORY,
  GROUP_HASH,
  GROUP_STATUS,
  GROUP_TEXTS,
  MAX_DECIDED_BYTES,
  MAX_DECIDED_VALUE_BYTES,
  MAX_FIELDS_LOOKED_AT,
  MAX_GROUP_ATTRIBUTES,
  MAX_GROUP_TEXTS,
  MAX_ROWS_LOOKED_AT,
  RESOURCE_TEXTS,
  RING_ROWS,
  SCOPE_TEXTS,
  SEGMENT_ROWS,
  SEGMENT_SHIFT,
  TEXTS,
  UNDECIDED_ALL,
  UNDECIDED_CATEGORY,
  UNDECIDED_STATUS,
} from "../index-layout";
import { fieldsLookedAt } from "./attributes";
import { beginMatching, matches } from "./matching";
import { firstRow, ringOf, segmentOf } from "./rows";

/** ResourceSpans.resource, ScopeSpans.scope and their like; Resource.attributes; InstrumentationScope.attributes. */
const CONTEXT_TAG: u32 = 0x0a;
const RESOURCE_ATTRIBUTES_TAG: u32 = 0x0a;
const SCOPE_ATTRIBUTES_TAG: u32 = 0x1a;
/** KeyValue.key and KeyValue.value */
const KEY_TAG: u32 = 0x0a;
const VALUE_TAG: u32 = 0x12;
/** An enum that does not fit into one byte. */
const OTHER_ENUM: u32 = 255;

const MULTIPLIER: u32 = 0x9e3779b1;

/** Fields that were looked at for attributes; comparing a text counts as one for each 16 bytes. */
let looked: u32 = 0;

// The last scope and resource looked at.
let scopeAt: u32 = 0;
let resourceAt: u32 = 0;
let isScopeDecided: bool = true;
let isResourceDecided: bool = true;

/**
 * Writes the columns of rows at the positions [from, to) that meet the criteria, upwards. Ends when it has done as much
 * as one call may, or has no room for a row or a group more. Returns how many rows it has written; FIND_LOOKED is how
 * many positions it looked at.
 * @param area address of the area of COLUMNS_*
 */
export function columns(signal: u32, from: u32, to: u32, area: usize): u32 {
  const end: u32 = to - from > <u32>MAX_ROWS_LOOKED_AT ? from + MAX_ROWS_LOOKED_AT : to;
  const flags = load<u32>(area + COLUMNS_FLAGS);
  const ring = ringOf(signal);
  const rows: usize = load<u32>(ring + RING_ROWS);
  const first = firstRow(ring);
  beginMatching();
  memory.fill(area + COLUMNS_TABLE, 0, COLUMNS_SLOTS * 4);
  looked = 0;
  scopeAt = 0;
  resourceAt = 0;
  let count: u32 = 0;
  let undecided: u32 = 0;
  let groups: u32 = 0;
  let lastGroup: usize = 0;
  let lastIndex: u32 = 0;
  let segment: u32 = 0xffffffff;
  let segmentAt: u32 = 0;
  let position = from;
  for (; position < end; position++) {
    if (count == COLUMN_ROWS || undecided == COLUMN_ROWS || groups == COLUMN_GROUPS) break;
    if (looked + fieldsLookedAt() >= <u32>MAX_FIELDS_LOOKED_AT) break;
    const number = first + position;
    if (number >> SEGMENT_SHIFT != segment) {
      segment = number >> SEGMENT_SHIFT;
      segmentAt = segmentOf(ring, number);
    }
    const row = rows + <usize>(segmentAt | (number & (SEGMENT_ROWS - 1))) * ROW_BYTES;
    if (!matches(row)) continue;
    if (!isDecided(row, flags) || !takeTexts(row, flags, area)) {
      store<u32>(area + COLUMNS_UNDECIDED + (<usize>undecided << 2), position - from);
      undecided++;
      continue;
    }
    const hash = hashOfGroup(row, flags);
    if (lastGroup == 0 || !isGroup(lastGroup, row, flags, hash)) {
      lastIndex = groupOf(row, flags, hash, area, groups);
      if (lastIndex == groups) groups++;
      lastGroup = area + COLUMNS_GROUPS + <usize>lastIndex * GROUP_BYTES;
    }
    store<u32>(area + COLUMNS_OFFSETS + (<usize>count << 2), position - from);
    store<u32>(area + COLUMNS_GROUP_OF + (<usize>count << 2), lastIndex);
    store<u64>(area + COLUMNS_TIMES + (<usize>count << 3), load<u64>(row + ROW_TIME));
    store<u64>(area + COLUMNS_END_TIMES + (<usize>count << 3), load<u64>(row + ROW_TIME_2));
    store<u8>(area + COLUMNS_STATUSES + count, load<u8>(row + ROW_STATUS));
    count++;
  }
  store<u32>(area + COLUMNS_UNDECIDED_COUNT, undecided);
  store<u32>(area + COLUMNS_GROUPS_COUNT, groups);
  store<u32>(FIND_LOOKED, position - from);
  return count;
}

/** Whether the row tells all that is asked of the item. */
function isDecided(row: usize, flags: u32): bool {
  if ((flags & UNDECIDED_ALL) != 0) return false;
  if ((flags & UNDECIDED_CATEGORY) != 0 && load<u8>(row + ROW_CATEGORY) == OTHER_ENUM) return false;
  return (flags & UNDECIDED_STATUS) == 0 || load<u8>(row + ROW_STATUS) != OTHER_ENUM;
}

/** Finds the texts that the row is grouped by. False when only decoding can tell them. */
function takeTexts(row: usize, flags: u32, area: usize): bool {
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
    if (values != 1 || valueLength > <u32>MAX_DECIDED_VALUE_BYTES) return false;
    store<u32>(texts + (i << 3), <u32>valueAt);
    store<u32>(texts + (i << 3) + 4, valueLength);
  }
  return true;
}

function hashOfGroup(row: usize, flags: u32): u32 {
  let hash: u32 = 0;
  if ((flags & GROUP_BY_CATEGORY) != 0) hash = load<u8>(row + ROW_CATEGORY);
  if ((flags & GROUP_BY_STATUS) != 0) hash = (hash << 8) | load<u8>(row + ROW_STATUS);
  if ((flags & GROUP_BY_SERVICE) != 0) hash = (hash * MULTIPLIER) ^ load<u32>(row + ROW_SERVICE_HASH);
  if ((flags & GROUP_BY_NAME) != 0) hash = (hash * MULTIPLIER) ^ load<u32>(row + ROW_NAME_HASH);
  for (let text: usize = TEXTS + 16; text < <usize>(TEXTS + MAX_GROUP_TEXTS * 8); text += 8) {
    const length = load<u32>(text + 4);
    looked += length >> 4;
    hash *= MULTIPLIER;
    if (length != 0) hash ^= hashBytes(load<u32>(text), length);
  }
  return hash ^ (hash >> 15);
}

/** Whether a group is that of the row and of its texts. */
function isGroup(group: usize, row: usize, flags: u32, hash: u32): bool {
  if (load<u32>(group + GROUP_HASH) != hash) return false;
  if ((flags & GROUP_BY_CATEGORY) != 0 && load<u8>(group + GROUP_CATEGORY) != load<u8>(row + ROW_CATEGORY)) return false;
  if ((flags & GROUP_BY_STATUS) != 0 && load<u8>(group + GROUP_STATUS) != load<u8>(row + ROW_STATUS)) return false;
  for (let i: usize = 0; i < <usize>(MAX_GROUP_TEXTS * 8); i += 8) {
    const at = load<u32>(<usize>TEXTS + i);
    const length = load<u32>(<usize>TEXTS + i + 4);
    const groupAt = load<u32>(group + GROUP_TEXTS + i);
    if (load<u32>(group + GROUP_TEXTS + i + 4) != length || (groupAt == 0) != (at == 0)) return false;
    if (at == groupAt) continue;
    looked += length >> 4;
    if (!equalBytes(at, groupAt, length)) return false;
  }
  return true;
}

/** The index of the row's group, which is a new one when it is `groups`. */
function groupOf(row: usize, flags: u32, hash: u32, area: usize, groups: u32): u32 {
  let slot = hash & (COLUMNS_SLOTS - 1);
  while (true) {
    const entry = area + COLUMNS_TABLE + (<usize>slot << 2);
    const index = load<u32>(entry);
    if (index == 0) {
      store<u32>(entry, groups + 1);
      const group = area + COLUMNS_GROUPS + <usize>groups * GROUP_BYTES;
      store<u32>(group + GROUP_HASH, hash);
      store<u8>(group + GROUP_CATEGORY, load<u8>(row + ROW_CATEGORY));
      store<u8>(group + GROUP_STATUS, load<u8>(row + ROW_STATUS));
      memory.copy(group + GROUP_TEXTS, TEXTS, MAX_GROUP_TEXTS * 8);
      return groups;
    }
    if (isGroup(area + COLUMNS_GROUPS + <usize>(index - 1) * GROUP_BYTES, row, flags, hash)) return index - 1;
    slot = (slot + 1) & (COLUMNS_SLOTS - 1);
  }
}
