import { WireFields } from "../wire/wire-fields.ts";
import { hexId } from "./hex-id.ts";

/** Span.trace_id */
const TRACE_ID_FIELD = 1;
const traceIdBytes = 16;

const nothing = new Uint8Array();
const field = new WireFields(nothing);

/** The last id of the usual length, and its text: spans of one trace often come one after another. */
const lastId = new Uint8Array(traceIdBytes);
let lastText = hexId(lastId);

/** The trace id of an encoded Span, in hex, without decoding the rest. */
export function traceIdOf(span: Uint8Array): string {
  let at = 0;
  let end = 0;
  field.restart(span, 0, span.byteLength);
  while (field.next()) {
    // A field that occurs twice has its last value (protobuf encoding, "Last One Wins").
    if (field.number !== TRACE_ID_FIELD) continue;
    at = field.valueAt;
    end = field.end;
  }
  // Else it would keep the memory of a store alive that has been closed.
  field.restart(nothing, 0, 0);
  if (end - at !== traceIdBytes) return hexId(span.subarray(at, end));
  if (!isLast(span, at)) {
    const id = span.subarray(at, end);
    lastText = hexId(id);
    lastId.set(id);
  }
  return lastText;
}

function isLast(span: Uint8Array, at: number): boolean {
  for (let i = 0; i < traceIdBytes; i++) if (span[at + i] !== lastId[i]) return false;
  return true;
}
