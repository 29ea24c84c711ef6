import { WireFields } from "../wire/wire-fields.ts";
import { hexId } from "./hex-id.ts";

/** Span.trace_id */
const TRACE_ID_FIELD = 1;

/** The trace id of an encoded Span, in hex, without decoding the rest. */
export function traceIdOf(span: Uint8Array): string {
  let id = new Uint8Array();
  for (const field = new WireFields(span); field.next(); ) {
    // A field that occurs twice has its last value (protobuf encoding, "Last One Wins").
    if (field.number === TRACE_ID_FIELD) id = span.subarray(field.valueAt, field.end) as typeof id;
  }
  return hexId(id);
}
