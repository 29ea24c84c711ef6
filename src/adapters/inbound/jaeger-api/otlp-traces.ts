import { byteLengthOf, type EncodedItem } from "../../../domain/encoded-item.ts";
import { encodeItems } from "../../../otlp/encode-items.ts";
import { JsonWriter } from "../../../otlp/json/json-writer.ts";
import { TextBuffer } from "../../../otlp/json/text-buffer.ts";
import { writeJsonInPieces } from "../../../otlp/json/write-request.ts";
import type { Shown } from "../../../use-cases/read/answer-page.ts";
import type { FoundTrace } from "../../../use-cases/read/find-traces.ts";

/** A span as it is held. */
export function otlpSpan(encoded: EncodedItem): Shown<EncodedItem> {
  return { value: encoded, byteLength: byteLengthOf(encoded) };
}

/** Spans of more bytes are encoded in parts, each of which takes some milliseconds. */
const partBytes = 2 ** 18;

/** Encoded `TracesData`, which has the fields of an export request of traces. */
export function* tracesData(spans: Iterable<EncodedItem>): Generator<Uint8Array> {
  let part: EncodedItem[] = [];
  let bytes = 0;
  for (const span of spans) {
    const byteLength = byteLengthOf(span);
    if (part.length > 0 && bytes + byteLength > partBytes) {
      yield encodeItems(part);
      part = [];
      bytes = 0;
    }
    part.push(span);
    bytes += byteLength;
  }
  if (part.length > 0) yield encodeItems(part);
}

const open = Buffer.from('{"resourceSpans":[');
const close = Buffer.from("]}");
const comma = Buffer.from(",");
const textBytes = 2 ** 16;

/** All of them as one `TracesData` in OTLP/JSON, in pieces. */
export function* tracesJson(traces: readonly FoundTrace<EncodedItem>[]): Generator<Uint8Array> {
  const writer = new JsonWriter();
  const text = new TextBuffer(textBytes);
  let isFirst = true;
  yield open;
  for (const part of tracesData(spansOf(traces))) {
    // The writer uses the memory of a piece again.
    const pieces = Array.from(writeJsonInPieces("traces", part, writer, text), (piece) => Buffer.from(piece));
    const json = Buffer.concat(pieces);
    if (!isFirst) yield comma;
    isFirst = false;
    yield json.subarray(open.byteLength, json.byteLength - close.byteLength);
  }
  yield close;
}

function* spansOf(traces: readonly FoundTrace<EncodedItem>[]): Generator<EncodedItem> {
  for (const { spans } of traces) yield* spans;
}
