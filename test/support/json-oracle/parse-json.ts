import { ObsvtyError } from "../../../src/domain/errors.ts";
import { describeJsonFault } from "../../../src/otlp/json/json-fault.ts";
import { resemblance } from "../../../src/otlp/resemblance.ts";

/** A JSON value. Integers that a double cannot hold exactly are bigints. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Matches when an integer outside of a string may have more digits than a double holds. May match in vain. */
const longInteger = /[:[,]\s*-?\d{16,}/;

/**
 * Parses UTF-8 text as JSON and keeps all digits of integers. A byte order mark is skipped, invalid UTF-8
 * becomes U+FFFD.
 * @throws ObsvtyError `not-the-message`, with no more than the position: the parser's own message quotes the text
 */
export function parseJson(utf8: Uint8Array): Json {
  const text = new TextDecoder().decode(utf8);
  try {
    // The reviver is called for every value, so it is used only for the few texts that need it.
    return longInteger.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (cause) {
    const fault = `${describeJsonFault(text, cause)}${resemblance(utf8, "JSON")}`;
    throw new ObsvtyError("not-the-message", fault, { cause });
  }
}

/** More than any integer of OTLP has: such a number is outside of every range, and slow to parse as a bigint. */
const maxDigits = 40;

/** A reviver that uses ECMAScript's "JSON.parse source text access". */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === "number" &&
    !Number.isSafeInteger(value) &&
    source !== undefined &&
    source.length <= maxDigits &&
    /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;
}
