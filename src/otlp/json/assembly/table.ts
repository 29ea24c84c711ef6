// The table of messages, fields and names that the host makes of the schemas: its entries, and how names are found.

import {
  FIELD_BYTES,
  FIELD_DOUBLE_MEMBER,
  FIELD_FLAGS,
  FIELD_KIND,
  FIELD_LENGTH_BYTES,
  FIELD_MESSAGE,
  FIELD_MISREAD_HEX_BYTES,
  FIELD_NAMES,
  FIELD_ONEOF,
  FIELD_TAG,
  FIELD_TAG_BYTES,
  MESSAGE_BYTES,
  MESSAGE_FLAGS,
  MESSAGE_NAMES,
  MESSAGE_PREDICTED,
  NAME_BIT,
  NAME_HASH_FACTOR,
  NAME_HASH_SEED,
  NAME_LENGTH,
  NAME_MASK,
  NAME_NEXT,
  NAME_PREDICTED,
  NAME_TEXT,
  NAME_TEXT_BYTES,
  NAME_VALUE,
  NAMES_BUCKETS,
  NAMES_MASK,
} from "../reader-layout";
import { copyString, Copied } from "./strings";
import { byteAt, QUOTE, specialAt } from "./text";

@unmanaged
export class Message {
  names: usize;
  /** The name that is expected first. */
  predicted: usize;
  flags: u32;
}

@unmanaged
export class Field {
  tag: u32;
  tagBytes: u8;
  kind: u8;
  flags: u16;
  /** Null unless the kind is KIND_MESSAGE. */
  message: Message;
  /** The table of the names of an enum's values. */
  names: usize;
  doubleMember: Field | null;
  oneof: u8;
  misreadHexBytes: u8;
  lengthBytes: u8;
}

@unmanaged
export class Name {
  next: Name | null;
  /** The field, or the number of an enum's value. */
  value: u32;
  /** The name that is expected after this one. */
  predicted: usize;
  length: u8;
  bit: u8;
}

if (
  offsetof<Message>("names") != MESSAGE_NAMES ||
  offsetof<Message>("predicted") != MESSAGE_PREDICTED ||
  offsetof<Message>("flags") != MESSAGE_FLAGS ||
  offsetof<Message>() != MESSAGE_BYTES ||
  offsetof<Field>("tag") != FIELD_TAG ||
  offsetof<Field>("tagBytes") != FIELD_TAG_BYTES ||
  offsetof<Field>("kind") != FIELD_KIND ||
  offsetof<Field>("flags") != FIELD_FLAGS ||
  offsetof<Field>("message") != FIELD_MESSAGE ||
  offsetof<Field>("names") != FIELD_NAMES ||
  offsetof<Field>("doubleMember") != FIELD_DOUBLE_MEMBER ||
  offsetof<Field>("oneof") != FIELD_ONEOF ||
  offsetof<Field>("misreadHexBytes") != FIELD_MISREAD_HEX_BYTES ||
  offsetof<Field>("lengthBytes") != FIELD_LENGTH_BYTES ||
  offsetof<Field>() > <usize>FIELD_BYTES ||
  offsetof<Name>("next") != NAME_NEXT ||
  offsetof<Name>("value") != NAME_VALUE ||
  offsetof<Name>("predicted") != NAME_PREDICTED ||
  offsetof<Name>("length") != NAME_LENGTH ||
  offsetof<Name>("bit") != NAME_BIT
) {
  ERROR("reader-layout.ts has other offsets than these classes");
}

/** Where the text that `findName` looked for ends. */
export class Named {
  static end: usize = 0;
}

/** Whether the text in quotes at p is the name. */
// @ts-ignore: decorator
@inline
export function isNamed(name: usize, p: usize): bool {
  const first = v128.and(v128.xor(v128.load(p), v128.load(name, NAME_TEXT)), v128.load(name, NAME_MASK));
  if (v128.any_true(first)) return false;
  const length = load<u8>(name, NAME_LENGTH);
  return length <= 16 || isRestNamed(name, p, length);
}

function isRestNamed(name: usize, p: usize, length: u32): bool {
  for (let i: usize = 16; i < length; i += 16) {
    const text = v128.load(name + i, NAME_TEXT);
    const rest = v128.and(v128.xor(v128.load(p + i), text), v128.load(name + i, NAME_MASK));
    if (v128.any_true(rest)) return false;
  }
  return true;
}

/**
 * The name that the string at p is; null when it is none of the names, with `Named.end` behind it. The string may have
 * escapes. 0 in `Named.end` when it is no JSON string.
 * @param scratch room for a copy without escapes
 */
export function findName(names: usize, p: usize, scratch: usize): Name | null {
  Named.end = 0;
  if (byteAt(p) != QUOTE) return null;
  const special = specialAt(p + 1);
  if (byteAt(special) == QUOTE) {
    Named.end = special + 1;
    return lookUp(names, p, special + 1 - p);
  }
  const length = copyInQuotes(p, scratch);
  return length == 0 ? null : lookUp(names, scratch, length);
}

/** Copies the string at p, without escapes but in quotes. Its length; 0 when it is no JSON string. */
export function copyInQuotes(p: usize, to: usize): usize {
  Named.end = copyString(p + 1, to + 1);
  if (Named.end == 0) return 0;
  store<u8>(to, QUOTE);
  store<u8>(Copied.end, QUOTE);
  return Copied.end + 1 - to;
}

function lookUp(names: usize, p: usize, length: usize): Name | null {
  if (length > <usize>NAME_TEXT_BYTES) return null;
  let hash: u32 = NAME_HASH_SEED;
  for (let i: usize = 0; i < length; i++) hash = (hash ^ load<u8>(p + i)) * NAME_HASH_FACTOR;
  const bucket = <usize>(hash & load<u32>(names, NAMES_MASK)) << 2;
  let name = load<usize>(names + bucket, NAMES_BUCKETS);
  while (name != 0 && (load<u8>(name, NAME_LENGTH) != length || !isNamed(name, p))) {
    name = load<usize>(name, NAME_NEXT);
  }
  return changetype<Name | null>(name);
}
