import type { EncodedItem } from "../../domain/encoded-item.ts";
import { readVarint, WireFields } from "../wire/wire-fields.ts";
import { readService } from "./decode-item.ts";
import { hexIdAt, spanIdBytes } from "./hex-id.ts";
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
const none = new Uint8Array();

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

/**
 * Where in an encoded span the parts of a `SpanCore` are. One object is for one span after the other: nothing is made of
 * parts that nobody asks for.
 */
export class SpanParts {
  readonly #fields = new WireFields(none);
  readonly #statusFields = new WireFields(none);
  #bytes: Uint8Array = none;
  #spanIdAt = 0;
  #spanIdEnd = 0;
  #parentIdAt = 0;
  #parentIdEnd = 0;
  #nameAt = 0;
  #nameEnd = 0;
  #startAt = -1;
  #endAt = -1;
  kind = 0;
  statusCode = 0;

  /** Goes over the bytes of a span. Throws on a field that runs past the end. */
  locate(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#spanIdAt =
      this.#spanIdEnd =
      this.#parentIdAt =
      this.#parentIdEnd =
      this.#nameAt =
      this.#nameEnd =
        0;
    this.#startAt = this.#endAt = -1;
    this.kind = this.statusCode = 0;
    const field = this.#fields;
    field.restart(bytes, 0, bytes.byteLength);
    while (field.next()) {
      const { valueAt, end } = field;
      switch (field.number) {
        case SPAN_ID:
          this.#spanIdAt = valueAt;
          this.#spanIdEnd = end;
          break;
        case PARENT_SPAN_ID:
          this.#parentIdAt = valueAt;
          this.#parentIdEnd = end;
          break;
        case NAME:
          this.#nameAt = valueAt;
          this.#nameEnd = end;
          break;
        case KIND:
          this.kind = enumAt(bytes, valueAt, end);
          break;
        case START:
          this.#startAt = valueAt;
          break;
        case END:
          this.#endAt = valueAt;
          break;
        case STATUS:
          this.#locateStatus(valueAt, end);
          break;
      }
    }
    if (field.end !== bytes.byteLength) throw new Error("the span is not whole");
  }

  #locateStatus(at: number, end: number): void {
    const part = this.#statusFields;
    part.restart(this.#bytes, at, end);
    while (part.next()) {
      if (part.number === STATUS_CODE) this.statusCode = enumAt(this.#bytes, part.valueAt, part.end);
    }
  }

  get spanId(): string {
    return hexIdAt(this.#bytes, this.#spanIdAt, this.#spanIdEnd);
  }

  get parentSpanId(): string {
    return hexIdAt(this.#bytes, this.#parentIdAt, this.#parentIdEnd);
  }

  get name(): string {
    return names.read(this.#bytes, this.#nameAt, this.#nameEnd);
  }

  get startUnixNano(): bigint {
    return timeAt(this.#bytes, this.#startAt);
  }

  get endUnixNano(): bigint {
    return timeAt(this.#bytes, this.#endAt);
  }

  /** Copies both ids, of eight bytes each, the parent's behind the span's own: zeros for one that is not set. */
  copyIds(target: Uint8Array, at: number): void {
    copyId(this.#bytes, this.#spanIdAt, this.#spanIdEnd, target, at);
    copyId(this.#bytes, this.#parentIdAt, this.#parentIdEnd, target, at + spanIdBytes);
  }
}

function copyId(bytes: Uint8Array, from: number, end: number, target: Uint8Array, to: number): void {
  const isSet = end - from === spanIdBytes;
  for (let i = 0; i < spanIdBytes; i++) target[to + i] = isSet ? bytes[from + i]! : 0;
}

/** A view of the bytes of each span would cost more than this copy. */
const time = new BigUint64Array(1);
const timeBytes = new Uint8Array(time.buffer);

/** Little-endian, as all machines are that Node runs on. */
function timeAt(bytes: Uint8Array, at: number): bigint {
  if (at < 0) return 0n;
  for (let i = 0; i < 8; i++) timeBytes[i] = bytes[at + i]!;
  return time[0]!;
}

const shared = new SpanParts();

/** Decodes a span but for its lists, in a fraction of the time that all of it takes. Fields mean what `decodeSpan` says. Throws on a field that runs past the end. */
export function decodeSpanCore(encoded: EncodedItem): SpanCore {
  shared.locate(encoded.item);
  const { spanId, parentSpanId, name, kind, statusCode, startUnixNano, endUnixNano } = shared;
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
