import type { EncodedItem } from "../../domain/encoded-item.ts";
import { readVarint, WireFields } from "../wire/wire-fields.ts";
import { readService } from "./decode-item.ts";
import { hexIdAt } from "./hex-id.ts";
import { RepeatedTexts } from "./repeated-texts.ts";

/** What a span is without its attributes, events and links. */
export interface SpanCore {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly service: string;
  readonly kind: number;
  readonly statusCode: number;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
}

/** Spans of one place in a program have the same name. */
const names = new RepeatedTexts();

const utf8 = new TextDecoder();

/** Fields of Span and Status, by number. */
const SPAN_ID = 2;
const PARENT_SPAN_ID = 4;
const NAME = 5;
const KIND = 6;
const START = 7;
const END = 8;
const STATUS = 15;
const STATUS_MESSAGE = 2;
const STATUS_CODE = 3;

/** Decodes a span but for its lists, in a fraction of the time that all of it takes. Fields mean what `decodeSpan` says. Throws on a field that runs past the end. */
export function decodeSpanCore(encoded: EncodedItem): SpanCore {
  const bytes = encoded.item;
  const times = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let spanId = "";
  let parentSpanId = "";
  let name = "";
  let kind = 0;
  let statusCode = 0;
  let startUnixNano = 0n;
  let endUnixNano = 0n;
  const field = new WireFields(bytes);
  while (field.next()) {
    const { valueAt, end } = field;
    switch (field.number) {
      case SPAN_ID:
        spanId = hexIdAt(bytes, valueAt, end);
        break;
      case PARENT_SPAN_ID:
        parentSpanId = hexIdAt(bytes, valueAt, end);
        break;
      case NAME:
        name = names.read(bytes, valueAt, end);
        break;
      case KIND:
        kind = enumAt(bytes, valueAt, end);
        break;
      case START:
        startUnixNano = times.getBigUint64(valueAt, true);
        break;
      case END:
        endUnixNano = times.getBigUint64(valueAt, true);
        break;
      case STATUS:
        for (const part = new WireFields(bytes, valueAt, end); part.next(); ) {
          if (part.number === STATUS_CODE) statusCode = enumAt(bytes, part.valueAt, part.end);
        }
        break;
    }
  }
  if (field.end !== bytes.byteLength) throw new Error("the span is not whole");
  const service = readService(encoded.resource);
  return { spanId, parentSpanId, name, service, kind, statusCode, startUnixNano, endUnixNano };
}

/** The status message of a span. Fields mean what `decodeSpan` says. */
export function statusMessageOf(span: Uint8Array): string {
  let message = "";
  for (const field = new WireFields(span); field.next(); ) {
    if (field.number !== STATUS) continue;
    for (const part = new WireFields(span, field.valueAt, field.end); part.next(); ) {
      if (part.number === STATUS_MESSAGE) message = utf8.decode(span.subarray(part.valueAt, part.end));
    }
  }
  return message;
}

/** An enum is an int32: of a longer varint the lower 32 bits count. */
function enumAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at <= 4) return readVarint(bytes, at, end)?.value ?? 0;
  let value = 0n;
  for (let i = at; i < end; i++) value |= BigInt((bytes[i] ?? 0) & 0x7f) << BigInt(7 * (i - at));
  return Number(BigInt.asIntN(32, value));
}
