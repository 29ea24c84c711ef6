// The columns of rows that match, written side by side so that the host can count them without decoding an item. Rows
// of one group, such as the spans of one service and name, have the same number.

import { equalBytes, hashBytes } from "../../../../otlp/scan/assembly/strings";
import {
  ROW_BYTES,
  ROW_CATEGORY,
  ROW_NAME_HASH,
  ROW_SERVICE_HASH,
  ROW_STATUS,
  ROW_TIME,
  ROW_TIME_2,
} from "../../../../otlp/scan/layout";
import {
  COLUMN_GROUPS,
  COLUMN_ROWS,
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
  MAX_FIELDS_LOOKED_AT,
  MAX_GROUP_TEXTS,
  MAX_ROWS_LOOKED_AT,
  RING_ROWS,
  SEGMENT_ROWS,
  SEGMENT_SHIFT,
  TEXTS,
  UNDECIDED_ALL,
  UNDECIDED_CATEGORY,
  UNDECIDED_STATUS,
} from "../index-layout";
import { fieldsLookedAt } from "./attributes";
import { beginTexts, noteCompared, takeTexts, textsLookedAt } from "./group-texts";
import { beginMatching, matches } from "./matching";
import { firstRow, ringOf, segmentOf } from "./rows";

/** An enum that does not fit into one byte. */
const OTHER_ENUM: u32 = 255;

const MULTIPLIER: u32 = 0x9e3779b1;

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
  beginTexts();
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
    if (textsLookedAt() + fieldsLookedAt() >= <u32>MAX_FIELDS_LOOKED_AT) break;
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

function hashOfGroup(row: usize, flags: u32): u32 {
  let hash: u32 = 0;
  if ((flags & GROUP_BY_CATEGORY) != 0) hash = load<u8>(row + ROW_CATEGORY);
  if ((flags & GROUP_BY_STATUS) != 0) hash = (hash << 8) | load<u8>(row + ROW_STATUS);
  if ((flags & GROUP_BY_SERVICE) != 0) hash = (hash * MULTIPLIER) ^ load<u32>(row + ROW_SERVICE_HASH);
  if ((flags & GROUP_BY_NAME) != 0) hash = (hash * MULTIPLIER) ^ load<u32>(row + ROW_NAME_HASH);
  for (let text: usize = TEXTS + 16; text < <usize>(TEXTS + MAX_GROUP_TEXTS * 8); text += 8) {
    const length = load<u32>(text + 4);
    noteCompared(length);
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
    noteCompared(length);
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
