import type { EncodedItem } from "../../domain/encoded-item.ts";
import { isCallerKind } from "../../domain/span-kind.ts";
import { WireFields } from "../wire/wire-fields.ts";
import { decodeSpanCore, type SpanCore } from "./span-core.ts";

/** What tells who called whom. Ids are as they were sent. */
export interface SpanCalls extends SpanCore {
  readonly traceIdBytes: Uint8Array;
  readonly spanIdBytes: Uint8Array;
  /** Empty for a root span. */
  readonly parentIdBytes: Uint8Array;
  readonly links: readonly LinkedSpan[];
  /** The other side by the attributes of a client or producer span; "" when they do not tell. */
  readonly peer: string;
}

export interface LinkedSpan {
  readonly traceIdBytes: Uint8Array;
  readonly spanIdBytes: Uint8Array;
}

/** Fields of Span, Link, KeyValue and AnyValue, by number. */
const TRACE_ID = 1;
const SPAN_ID = 2;
const PARENT_SPAN_ID = 4;
const ATTRIBUTES = 9;
const LINKS = 13;
const LINK_TRACE_ID = 1;
const LINK_SPAN_ID = 2;
const KEY = 1;
const VALUE = 2;
const STRING_VALUE = 1;

/** More links of one span are not looked at. */
const maxLinks = 128;
/**
 * What names the other side, the first of them that there is (OpenTelemetry semantic conventions). Many instrumentations
 * still send the names that were used before the conventions were stable: net.peer.name and db.system.
 */
const peerKeys = ["peer.service", "server.address", "net.peer.name", "db.system.name", "db.system"] as const;

const utf8 = new TextDecoder();
const none = new Uint8Array();

export function decodeSpanCalls(encoded: EncodedItem): SpanCalls {
  const core = decodeSpanCore(encoded);
  const { item } = encoded;
  const isCaller = isCallerKind(core.kind);
  const links: LinkedSpan[] = [];
  const peers: string[] = [];
  let traceIdBytes: Uint8Array = none;
  let spanIdBytes: Uint8Array = none;
  let parentIdBytes: Uint8Array = none;
  for (const field = new WireFields(item); field.next(); ) {
    const { valueAt, end } = field;
    if (field.number === TRACE_ID) traceIdBytes = item.subarray(valueAt, end);
    else if (field.number === SPAN_ID) spanIdBytes = item.subarray(valueAt, end);
    else if (field.number === PARENT_SPAN_ID) parentIdBytes = item.subarray(valueAt, end);
    else if (field.number === LINKS && links.length < maxLinks) links.push(linkAt(item, valueAt, end));
    else if (field.number === ATTRIBUTES && isCaller) notePeer(peers, item, valueAt, end);
  }
  const peer = peers.find((name) => name !== undefined && name !== "") ?? "";
  if (core.parentSpanId === "") parentIdBytes = none;
  return { ...core, traceIdBytes, spanIdBytes, parentIdBytes, links, peer };
}

function linkAt(bytes: Uint8Array, at: number, end: number): LinkedSpan {
  let traceIdBytes: Uint8Array = none;
  let spanIdBytes: Uint8Array = none;
  for (const field = new WireFields(bytes, at, end); field.next(); ) {
    if (field.number === LINK_TRACE_ID) traceIdBytes = bytes.subarray(field.valueAt, field.end);
    else if (field.number === LINK_SPAN_ID) spanIdBytes = bytes.subarray(field.valueAt, field.end);
  }
  return { traceIdBytes, spanIdBytes };
}

/** Puts the text of the KeyValue in [at, end) into the place of its key, if it names the other side. */
function notePeer(peers: string[], bytes: Uint8Array, at: number, end: number): void {
  let index = -1;
  let text = "";
  for (const field = new WireFields(bytes, at, end); field.next(); ) {
    if (field.number === KEY) index = peerIndexOf(bytes, field.valueAt, field.end);
    else if (field.number === VALUE && index >= 0) text = stringAt(bytes, field.valueAt, field.end);
  }
  if (index >= 0) peers[index] = text;
}

function peerIndexOf(bytes: Uint8Array, at: number, end: number): number {
  return peerKeys.findIndex((key) => key.length === end - at && key === utf8.decode(bytes.subarray(at, end)));
}

/** The string of an AnyValue; "" when it is something else. */
function stringAt(bytes: Uint8Array, at: number, end: number): string {
  let text = "";
  for (const field = new WireFields(bytes, at, end); field.next(); ) {
    text = field.number === STRING_VALUE ? utf8.decode(bytes.subarray(field.valueAt, field.end)) : "";
  }
  return text;
}
