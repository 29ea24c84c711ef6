import { ObsvtyError } from "./errors.ts";

declare const traceIdBrand: unique symbol;

/** A trace id: 32 lower-case hex digits. */
export type TraceId = string & { readonly [traceIdBrand]: true };

const thirtyTwoHexDigits = /^[0-9a-f]{32}$/i;

/**
 * A trace id given by a caller, in any case.
 * @param field what the caller calls the argument, for the message
 * @throws ObsvtyError invalid-argument when it is not 32 hex digits
 */
export function parseTraceId(text: string, field: string): TraceId {
  if (!thirtyTwoHexDigits.test(text)) {
    throw new ObsvtyError("invalid-argument", `${field}: a trace id is 32 hex digits`);
  }
  return text.toLowerCase() as TraceId;
}
