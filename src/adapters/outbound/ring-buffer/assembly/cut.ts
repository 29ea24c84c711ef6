// A request without the items that have no row: rejected ones, and those that were evicted.

import { lastDataOf } from "../../../../otlp/scan/assembly/metric-data";
import { behindField, behindPrefix, prefixValue } from "../../../../otlp/scan/assembly/strings";
import { WIRE_LENGTH } from "../../../../otlp/scan/assembly/wire-types";
import {
  ENTRY_ACTION_SHIFT,
  ENTRY_MESSAGE_SHIFT,
  ROLE_ITEM,
  ROLE_METRIC,
  ROLE_METRIC_DATA,
  ROLE_RESOURCE_CONTAINER,
  ROLE_SCOPE_CONTAINER,
  ROW_ITEM_AT,
  TABLE,
  TABLE_FIELDS,
} from "../../../../otlp/scan/layout";
import { rowAt } from "./rows";

// Where the copy goes on.
let out: usize = 0;
// The number of the next item's row that stays, its address, and how many rows are left.
let ring: usize = 0;
let number: u32 = 0;
let row: usize = 0;
let rowsLeft: u32 = 0;
// Whether a message of which no item is left is left out.
let dropsEmpty: bool = false;

/** Says which items stay: those of `count` rows of a ring from the `first` on. */
export function chooseItems(ringAt: usize, first: u32, count: u32, dropEmpty: bool): void {
  dropsEmpty = dropEmpty;
  ring = ringAt;
  number = first;
  rowsLeft = count;
  if (count > 0) row = rowAt(ring, number);
}

/**
 * Copies the sound request in [at, at + length), the message at `root` of the schema table, to `target`. Of its items
 * only the chosen ones stay, whose addresses ascend. The copy is not longer than the request. Returns its length.
 */
export function copyChosen(root: u32, at: usize, length: u32, target: usize): u32 {
  out = target;
  copyMessage(root, at, at + length, at);
  return <u32>(out - target);
}

/** @param dataAt where the last member of the oneof `data` begins, when this is a Metric */
function copyMessage(message: u32, p: usize, end: usize, dataAt: usize): void {
  const table = <usize>TABLE + <usize>(message * TABLE_FIELDS * 4);
  // Bytes from here on are not copied yet.
  let from = p;
  while (p < end) {
    const tagAt = p;
    const tag = prefixValue(p);
    const prefixAt = behindPrefix(p);
    p = behindField(tag, prefixAt);
    const field = tag >> 3;
    if ((tag & 7) != WIRE_LENGTH || field >= <u32>TABLE_FIELDS) continue;
    const entry = load<u32>(table + (<usize>field << 2));
    switch ((entry >> ENTRY_ACTION_SHIFT) & 15) {
      case ROLE_ITEM: {
        if (isChosen(behindPrefix(prefixAt))) break;
        copy(from, tagAt);
        from = p;
        break;
      }
      case ROLE_METRIC_DATA: {
        // The points of a member that a later one replaces are no items.
        if (tagAt < dataAt) break;
        copy(from, tagAt);
        copyContainer(((entry >> ENTRY_MESSAGE_SHIFT) & 0xff) - 1, tagAt, prefixAt, p, false);
        from = p;
        break;
      }
      case ROLE_METRIC:
      case ROLE_RESOURCE_CONTAINER:
      case ROLE_SCOPE_CONTAINER: {
        if (!dropsEmpty && p == prefixAt + 1) break; // It is empty.
        const isMetric = ((entry >> ENTRY_ACTION_SHIFT) & 15) == ROLE_METRIC;
        copy(from, tagAt);
        copyContainer(((entry >> ENTRY_MESSAGE_SHIFT) & 0xff) - 1, tagAt, prefixAt, p, isMetric);
        from = p;
        break;
      }
    }
  }
  copy(from, end);
}

/** Copies a field that holds a message with items, and writes a length prefix that fits what is left of it. */
function copyContainer(message: u32, tagAt: usize, prefixAt: usize, end: usize, isMetric: bool): void {
  // The chosen items ascend: the next one lies behind this message, or there is none.
  if (dropsEmpty && (rowsLeft == 0 || load<u32>(row + ROW_ITEM_AT) > <u32>end)) return;
  const p = behindPrefix(prefixAt);
  const fieldOut = out;
  const rowsBefore = rowsLeft;
  copy(tagAt, p);
  const contentOut = out;
  copyMessage(message, p, end, isMetric ? lastDataOf(message, p, end) : p);
  if (dropsEmpty && rowsLeft == rowsBefore) {
    out = fieldOut;
    return;
  }
  const length = <u32>(out - contentOut);
  if (length == <u32>(end - p)) return;
  // The new prefix is not longer than the old one.
  const content = writeVarint(fieldOut + (prefixAt - tagAt), length);
  if (content != contentOut) {
    memory.copy(content, contentOut, length);
    out = content + length;
  }
}

function copy(from: usize, to: usize): void {
  memory.copy(out, from, to - from);
  out += to - from;
}

/** Returns the address behind it. */
function writeVarint(p: usize, value: u32): usize {
  while (value > 0x7f) {
    store<u8>(p++, (value & 0x7f) | 0x80);
    value >>= 7;
  }
  store<u8>(p++, value);
  return p;
}

function isChosen(itemAt: usize): bool {
  if (rowsLeft == 0 || load<u32>(row + ROW_ITEM_AT) != <u32>itemAt) return false;
  rowsLeft--;
  number++;
  if (rowsLeft > 0) row = rowAt(ring, number);
  return true;
}
