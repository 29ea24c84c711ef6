// The index rings: one a signal, rows of the newest items, searched without decoding anything.

import { copyRow } from "../../../../otlp/scan/assembly/row-memory";
import {
  ROW_BYTES,
  ROW_ITEM_AT,
  ROW_NAME_AT,
  ROW_PARENT_AT,
  ROW_RESOURCE_AT,
  ROW_SCOPE_AT,
  ROW_SERVICE_AT,
  ROW_TRACE_ID,
} from "../../../../otlp/scan/layout";
import {
  FIND_LOOKED,
  MATCHES,
  MAX_FIELDS_LOOKED_AT,
  MAX_ROWS_LOOKED_AT,
  RING_HELD,
  RING_KEYS,
  RING_MOST,
  RING_NEXT,
  RING_ROWS,
  SEGMENT_ROWS,
} from "../index-layout";
import { fieldsLookedAt } from "./attributes";
import { chooseItems, copyChosen } from "./cut";
import { beginMatching, matches, traceKey } from "./matching";
import { dropRows, firstRow, keyAt, ringOf, rowAt, segmentOf, takeSegment } from "./rows";
import { beginTraceKeys, rowsOfOthers } from "./trace-keys";

export { columns } from "./columns";

/**
 * Moves the newest `count` staged rows into the ring of a signal; the rows that they push out are gone.
 * @param moved how far the request was moved, in bytes, since it was scanned
 * @param stage address of the ring of staged rows
 * @param stageEnd address of its end
 * @param stagedNext address of the row after the newest
 */
export function commit(
  signal: u32,
  count: u32,
  moved: u32,
  stage: usize,
  stageEnd: usize,
  stagedNext: usize,
): void {
  const ring = ringOf(signal);
  const held = load<u32>(ring + RING_HELD) + count;
  const most = load<u32>(ring + RING_MOST);
  if (held > most) dropRows(ring, held - most);
  // The oldest of them, walking back from the next free staged row around the staged ring.
  const newest = <usize>count * ROW_BYTES;
  const behind = stagedNext - stage;
  let source = behind >= newest ? stagedNext - newest : stageEnd - (newest - behind);
  let next = load<u32>(ring + RING_NEXT);
  let target: usize = 0;
  let key: usize = 0;
  for (let left = count; left > 0; left--) {
    const isFirst = (next & (SEGMENT_ROWS - 1)) == 0;
    if (isFirst) takeSegment(ring, next);
    if (isFirst || target == 0) {
      target = rowAt(ring, next);
      key = keyAt(ring, next);
    }
    copyRow(target, source);
    if (moved != 0) moveRow(target, moved);
    store<u32>(key, traceKey(source + ROW_TRACE_ID));
    target += ROW_BYTES;
    key += 4;
    next++;
    source += ROW_BYTES;
    if (source == stageEnd) source = stage;
  }
  store<u32>(ring + RING_NEXT, next);
  store<u32>(ring + RING_HELD, load<u32>(ring + RING_HELD) + count);
}

/** Adds to the addresses of a row; unsigned and modulo 2^32, so a move downwards works as well. */
function moveRow(row: usize, moved: u32): void {
  store<u32>(row + ROW_ITEM_AT, load<u32>(row + ROW_ITEM_AT) + moved);
  store<u32>(row + ROW_RESOURCE_AT, load<u32>(row + ROW_RESOURCE_AT) + moved);
  moveReference(row + ROW_SCOPE_AT, moved);
  moveReference(row + ROW_SERVICE_AT, moved);
  moveReference(row + ROW_NAME_AT, moved);
  moveReference(row + ROW_PARENT_AT, moved);
}

function moveReference(at: usize, moved: u32): void {
  const address = load<u32>(at);
  if (address != 0) store<u32>(at, address + moved);
}

/**
 * Copies the request in [at, at + length) to `target`, with only those of its items whose rows are at the positions
 * [first, first + count), counted from the oldest row held. Returns the length of the copy.
 * @param dropEmpty whether a message of which no item is left is left out
 * @param root index of the request's message in the schema table
 */
export function cut(
  signal: u32,
  root: u32,
  at: usize,
  length: u32,
  first: u32,
  count: u32,
  dropEmpty: bool,
  target: usize,
): u32 {
  const ring = ringOf(signal);
  chooseItems(ring, firstRow(ring) + first, count, dropEmpty);
  return copyChosen(root, at, length, target);
}

/** Forgets the oldest `count` rows of a signal. */
export function evict(signal: u32, count: u32): void {
  dropRows(ringOf(signal), count);
}

/**
 * Writes the positions (0 is the oldest row held) of rows in [from, to) that meet the criteria to MATCHES, in
 * the order in which they were looked at: upwards, or downwards from `to`. Stops at `limit` matches, or when it has
 * done as much as one search may. Returns how many matches there are; FIND_LOOKED is how many positions it looked at.
 */
export function find(signal: u32, from: u32, to: u32, downwards: bool, limit: u32): u32 {
  const end: u32 = to - from > <u32>MAX_ROWS_LOOKED_AT ? from + MAX_ROWS_LOOKED_AT : to;
  const ring = ringOf(signal);
  const rows: usize = load<u32>(ring + RING_ROWS);
  const keys: usize = load<u32>(ring + RING_KEYS);
  const first = firstRow(ring);
  const step: usize = downwards ? <usize>-4 : 4;
  let found: u32 = 0;
  beginMatching();
  beginTraceKeys();
  let i = from;
  while (i < end && found < limit && fieldsLookedAt() < <u32>MAX_FIELDS_LOOKED_AT) {
    const row = first + (downwards ? from + (to - 1 - i) : i);
    const inSegment = row & (SEGMENT_ROWS - 1);
    // The rows of one segment lie side by side.
    const stretch = i + min(end - i, downwards ? inSegment + 1 : SEGMENT_ROWS - inSegment);
    let slot: usize = segmentOf(ring, row) | inSegment;
    while (i < stretch && found < limit && fieldsLookedAt() < <u32>MAX_FIELDS_LOOKED_AT) {
      const passed = rowsOfOthers(keys + (slot << 2), step, stretch - i);
      i += passed;
      slot = downwards ? slot - passed : slot + passed;
      if (i == stretch) break;
      if (matches(rows + slot * ROW_BYTES)) {
        store<u32>(<usize>MATCHES + (<usize>found << 2), downwards ? from + (to - 1 - i) : i);
        found++;
      }
      i++;
      slot = downwards ? slot - 1 : slot + 1;
    }
  }
  store<u32>(FIND_LOOKED, i - from);
  return found;
}
