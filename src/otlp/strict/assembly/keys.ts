// The keys of one list of attributes: an open hash table in the memory, which is empty for a new list because each
// slot says the number of the list that filled it.

import { KEY_TAG } from "../../scan/assembly/attribute-tags";
import { behindField, behindPrefix, equalBytes, hashBytes, prefixValue } from "../../scan/assembly/strings";
import { KEY_BYTES, KEY_SLOTS, KEYS, MAX_KEYS, MAX_PROBES, WARN_EMPTY_KEY, WARN_REPEATED_KEY } from "../layout";
import { warn } from "./warnings";

let list: u32 = 0;
let keys: u32 = 0;

export function beginKeys(): void {
  list++;
  keys = 0;
}

/**
 * Checks the key of the KeyValue of `length` bytes at `at`. Of a key that is given twice the last counts (protobuf).
 */
export function checkKey(at: usize, length: u32): void {
  let keyAt: usize = 0;
  let isIndex = false;
  const end = at + length;
  let p = at;
  while (p < end) {
    const tag = prefixValue(p);
    p = behindPrefix(p);
    if (tag == KEY_TAG) keyAt = p;
    else if (tag == KEY_INDEX_TAG) isIndex = prefixValue(p) != 0;
    p = behindField(tag, p);
  }
  const keyLength = keyAt == 0 ? 0 : prefixValue(keyAt);
  // The dictionary of profiles holds keys that are an index into it.
  if (isIndex && keyLength == 0) return;
  if (keyLength == 0) warn(WARN_EMPTY_KEY, at, 0);
  if (isRepeated(keyAt, keyLength)) warn(WARN_REPEATED_KEY, at, 0);
}

/** KeyValue.key_strindex */
const KEY_INDEX_TAG: u32 = 0x18;

/**
 * Whether the list has the key already; else it has it from now on. Keys that meet too many others are not compared.
 */
function isRepeated(keyAt: usize, length: u32): bool {
  const at: usize = length == 0 ? keyAt : behindPrefix(keyAt);
  const hash = hashBytes(at, length);
  for (let probe: u32 = 0; probe < <u32>MAX_PROBES; probe++) {
    const slot = (hash + probe) & (KEY_SLOTS - 1);
    const entry = <usize>KEYS + <usize>(slot * KEY_BYTES);
    if (load<u32>(entry) != list) {
      if (keys == MAX_KEYS) return false;
      keys++;
      store<u32>(entry, list);
      store<u32>(entry + 4, <u32>keyAt);
      store<u32>(entry + 8, hash);
      return false;
    }
    if (load<u32>(entry + 8) == hash && isKey(load<u32>(entry + 4), at, length)) return true;
  }
  return false;
}

/** Whether the key whose length prefix is at `prefixAt` (0: an empty one) is the `length` bytes at `at`. */
function isKey(prefixAt: usize, at: usize, length: u32): bool {
  if (prefixAt == 0) return length == 0;
  return prefixValue(prefixAt) == length && equalBytes(behindPrefix(prefixAt), at, length);
}
