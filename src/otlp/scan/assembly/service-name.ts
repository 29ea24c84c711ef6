// `service.name` of the resource at hand, found in the resource's attributes.

import { MAX_FIELDS } from "../layout";
import { behindField, behindPrefix, hashBytes, prefixValue } from "./strings";

/** Address of the length prefix of the name, 0 when there is none. */
export let serviceAt: u32 = 0;
export let serviceHash: u32 = 0;

/** Forgets the service name of the resource before. */
export function forgetService(): void {
  serviceAt = 0;
  serviceHash = 0;
}

const SERVICE_NAME_LENGTH: u32 = 12;

/**
 * Takes note of `service.name` when the KeyValue in [p, end), found to be sound, is that; of several the last counts,
 * and only a string names a service, as decoding has it. A field that comes twice counts by its last value, a message
 * that comes twice is one message in two parts. False when it has more than MAX_FIELDS.
 */
export function captureResourceAttribute(p: usize, end: usize): bool {
  let isServiceName = false;
  let textAt: usize = 0;
  fieldsLeft = MAX_FIELDS;
  while (p < end) {
    if (fieldsLeft-- == 0) return false;
    const tag = prefixValue(p);
    p = behindPrefix(p);
    if (tag == 0x0a) {
      const length = prefixValue(p);
      const at = behindPrefix(p);
      isServiceName = length == SERVICE_NAME_LENGTH && isServiceNameKey(at);
      p = at + length;
    } else if (tag == 0x12) {
      const at = behindPrefix(p);
      const valueEnd = at + prefixValue(p);
      textAt = stringValueAt(at, valueEnd, textAt);
      if (fieldsLeft == 0) return false;
      p = valueEnd;
    } else {
      p = behindField(tag, p);
    }
  }
  if (isServiceName) {
    serviceAt = <u32>textAt;
    serviceHash = textAt == 0 ? 0 : hashBytes(behindPrefix(textAt), prefixValue(textAt));
  }
  return true;
}

// How many fields of the attribute at hand may still be looked at.
let fieldsLeft: u32 = 0;

/**
 * The length prefix of the string that the AnyValue in [p, end) holds, 0 when it holds another member of its oneof,
 * and what was there before it when it holds none.
 */
function stringValueAt(p: usize, end: usize, before: usize): usize {
  let textAt = before;
  while (p < end && fieldsLeft > 0) {
    fieldsLeft--;
    const tag = prefixValue(p);
    p = behindPrefix(p);
    const field = tag >> 3;
    // All known fields of AnyValue are members of the oneof; string_value is field 1.
    if (field <= LAST_ANY_VALUE_FIELD) textAt = field == 1 ? p : 0;
    p = behindField(tag, p);
  }
  return textAt;
}

/** AnyValue.string_value_strindex. */
const LAST_ANY_VALUE_FIELD: u32 = 8;

/** Whether the twelve bytes at p are "service.name". */
function isServiceNameKey(p: usize): bool {
  // Little-endian: "service." and "name".
  return load<u64>(p) == 0x2e65636976726573 && load<u32>(p + 8) == 0x656d616e;
}
