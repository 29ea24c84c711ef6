import { ObsvtyError } from "../../domain/errors.ts";

/** What JSON holds, with integers that a double cannot hold kept as bigints. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** An integer outside of a string with more digits than a double is sure to keep; in doubt, yes. */
const longInteger = /[:[,]\s*-?\d{16,}/;

/**
 * Parses UTF-8 text as JSON without a loss of digits. A byte order mark is passed over, bytes that are not
 * UTF-8 become U+FFFD.
 * @throws ObsvtyError `not-the-message`, with the position at most: the parser's own words quote the text
 */
export function parseJson(utf8: Uint8Array): Json {
  const text = new TextDecoder().decode(utf8);
  try {
    // The reviver costs a call a value, so it is for the few texts that need it.
    return longInteger.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (cause) {
    throw new ObsvtyError("not-the-message", `not JSON${describe(cause)}`, { cause });
  }
}

/** ECMAScript's JSON.parse source text access. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === "number" &&
    !Number.isSafeInteger(value) &&
    source !== undefined &&
    /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;
}

function describe(cause: unknown): string {
  if (cause instanceof RangeError) return ": nested too deeply";
  const position = cause instanceof SyntaxError ? /at position (\d+)/.exec(cause.message)?.[1] : undefined;
  return position === undefined ? "" : ` at position ${position}`;
}
