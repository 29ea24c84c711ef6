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

/** Spans of more bytes are encoded in parts, each of which takes some milliseconds. A larger span is a part by itself. */
export const partBytes = 2 ** 18;

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
    if (!isFirst) yield comma;
    isFirst = false;
    yield* resourceSpansIn(writeJsonInPieces("traces", part, writer, text));
  }
  yield close;
}

/** What stands between the brackets of a document, whose first piece has at least what is before them. */
function* resourceSpansIn(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let skipped = open.byteLength;
  let held: Uint8Array = new Uint8Array();
  for (const piece of pieces) {
    // A copy: the writer uses the memory of a piece again.
    const bytes = Buffer.concat([held, piece.subarray(skipped)]);
    skipped = 0;
    held = bytes.subarray(-close.byteLength);
    yield bytes.subarray(0, -close.byteLength);
  }
}

function* spansOf(traces: readonly FoundTrace<EncodedItem>[]): Generator<EncodedItem> {
  for (const { spans } of traces) yield* spans;
}
