import { invalidArgument } from "./errors.ts";

declare const traceIdBrand: unique symbol;

/** A trace id: 32 lower-case hex digits, not all of them zero. */
export type TraceId = string & { readonly [traceIdBrand]: true };

const thirtyTwoHexDigits = /^[0-9a-f]{32}$/i;
/** OTLP takes an all-zero id as not set, so that it names no trace. */
const zeroId = "0".repeat(32);

/**
 * A trace id given by a caller, in any case.
 * @param field what the caller calls the argument, for the message
 * @throws ObsvtyError invalid-argument when it is not 32 hex digits, or all zero
 */
export function parseTraceId(text: string, field: string): TraceId {
  if (!thirtyTwoHexDigits.test(text)) {
    throw invalidArgument(field, "a trace id is 32 hex digits");
  }
  if (text === zeroId) {
    throw invalidArgument(field, "an all-zero id names no trace");
  }
  return text.toLowerCase() as TraceId;
}

const sixteenHexDigits = /^[0-9a-f]{16}$/i;

/**
 * A span id given by a caller, in any case.
 * @param field what the caller calls the argument, for the message
 * @throws ObsvtyError invalid-argument when it is not 16 hex digits
 */
export function parseSpanId(text: string, field: string): string {
  if (!sixteenHexDigits.test(text)) throw invalidArgument(field, "a span id is 16 hex digits");
  return text.toLowerCase();
}

/**
 * A profile id given by a caller, in any case.
 * @param field what the caller calls the argument, for the message
 * @throws ObsvtyError invalid-argument when it is not 32 hex digits
 */
export function parseProfileId(text: string, field: string): string {
  if (!thirtyTwoHexDigits.test(text)) throw invalidArgument(field, "a profile id is 32 hex digits");
  return text.toLowerCase();
}
