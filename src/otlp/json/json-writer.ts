import { WireType } from "@bufbuild/protobuf/wire";
import type { Signal } from "../../domain/signal.ts";
import { requestSchemas } from "../services.ts";
import { WireFields } from "../wire/wire-fields.ts";
import { WireParts } from "../wire/wire-parts.ts";
import { type FieldLayout, isPackable, layoutOf, type MessageLayout } from "./message-layout.ts";
import { elementEnd, isDefault, scalarText } from "./scalar-text.ts";
import { shortBytes, type TextBuffer } from "./text-buffer.ts";

const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const quote = 0x22;
const emptyMessage = Buffer.from("{}");

/** Fields that are walked over in one step, which takes a millisecond at most. */
const stepFields = 10_000;
/** No message of OTLP has more fields. */
const maxSlots = 32;

/** A message that is being written. */
class Frame {
  layout!: MessageLayout;
  parts = new WireParts();
  part = 0;
  readonly #ownParts = this.parts;
  readonly fields = new WireFields(new Uint8Array());
  isIndexed = false;
  isEmpty = true;
  /** The slot that is written next. */
  slot = 0;
  /** The list that is being written, and the rest of a packed value of it. */
  list: FieldLayout | undefined;
  isListEmpty = true;
  packedAt = 0;
  packedEnd = 0;
  /** How often the field of each slot occurs, and where. */
  readonly counts = new Int32Array(maxSlots);
  readonly firstAt = new Int32Array(maxSlots);
  readonly valueAt = new Int32Array(maxSlots);
  readonly lastEnd = new Int32Array(maxSlots);
  /** The parts of a message that occurs more than once where one belongs, by slot. */
  readonly merged = new Map<number, WireParts>();

  begin(layout: MessageLayout, start: number, end: number, merged?: WireParts): void {
    this.layout = layout;
    this.parts = merged ?? this.#ownParts;
    if (merged === undefined) {
      this.parts.clear();
      this.parts.add(start, end);
    }
    this.isIndexed = false;
    this.isEmpty = true;
    this.slot = 0;
    this.list = undefined;
    this.packedAt = this.packedEnd;
    this.counts.fill(0, 0, layout.fields.length);
    if (this.merged.size > 0) this.merged.clear();
  }
}

/**
 * Writes encoded `Export*ServiceRequest`s as OTLP/JSON, the way the Collector's file exporter does (pdata's JSON
 * marshaler): lowerCamelCase names in the order of the .proto files, ids in hex, 64-bit integers as strings, enums as
 * numbers; defaults are left out except for the messages that pdata embeds. Unknown fields are not written; invalid
 * UTF-8 becomes U+FFFD.
 *
 * Goes from bytes to bytes without decoding, in steps of a millisecond or so however odd the request is.
 */
export class JsonWriter {
  #bytes: Uint8Array = new Uint8Array();
  readonly #frames: Frame[] = [];
  #depth = -1;
  /** The rest of a long text or of long bytes. */
  #rest: { readonly field: FieldLayout; at: number; readonly end: number } | undefined;
  #fieldsLeft = 0;

  /**
   * Begins to write a request. One that was begun before is forgotten.
   * @param bytes a request that the scanner accepted
   */
  begin(signal: Signal, bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#depth = -1;
    this.#rest = undefined;
    this.#push(layoutOf(requestSchemas[signal]), 0, bytes.byteLength);
  }

  /** Writes on, until the text is full, a step is over, or the request is written. True when it is. */
  write(text: TextBuffer): boolean {
    this.#fieldsLeft = stepFields;
    while (this.#depth >= 0) {
      if (text.isFull || this.#fieldsLeft <= 0) return false;
      if (this.#rest !== undefined) this.#writeRest(text, this.#rest);
      else this.#advance(text, this.#frame());
    }
    this.#bytes = new Uint8Array();
    return true;
  }

  #frame(): Frame {
    const frame = this.#frames[this.#depth];
    if (frame === undefined) throw new Error("no message is being written");
    return frame;
  }

  #push(layout: MessageLayout, start: number, end: number, merged?: WireParts): void {
    this.#depth += 1;
    let frame = this.#frames[this.#depth];
    if (frame === undefined) {
      frame = new Frame();
      this.#frames.push(frame);
    }
    frame.begin(layout, start, end, merged);
    this.#walk(frame, 0);
  }

  /** Begins a walk over the fields of a message, which has one part at least. */
  #walk(frame: Frame, part: number, at = frame.parts.startOf(part)): void {
    frame.part = part;
    frame.fields.restart(this.#bytes, at, frame.parts.endOf(part));
  }

  /** Goes on to the next field of a message. False when there is none. */
  #next(frame: Frame): boolean {
    this.#fieldsLeft -= 1;
    const { fields, parts } = frame;
    // A field that is not whole ends its part; the scanner lets none through.
    while (!fields.next() || fields.end > parts.endOf(frame.part)) {
      if (frame.part + 1 >= parts.count) return false;
      this.#walk(frame, frame.part + 1);
    }
    return true;
  }

  #advance(text: TextBuffer, frame: Frame): void {
    if (!frame.isIndexed) {
      if (!this.#index(frame)) return;
      text.put(openBrace);
    }
    if (frame.list !== undefined) {
      this.#writeElements(text, frame, frame.list);
      return;
    }
    const { fields } = frame.layout;
    while (frame.slot < fields.length) {
      const field = fields[frame.slot++];
      if (field === undefined) continue;
      if ((frame.counts[field.slot] ?? 0) > 0) {
        this.#writeField(text, frame, field);
        return;
      }
      if (field.isEmbedded) {
        writeName(text, frame, field);
        text.raw(emptyMessage);
      }
    }
    text.put(closeBrace);
    this.#depth -= 1;
  }

  /** Notes where each field of a message lies. False when the step is over before that is done. */
  #index(frame: Frame): boolean {
    const { fields, layout } = frame;
    while (this.#next(frame)) {
      const field = layout.byNumber[fields.number];
      if (field !== undefined) note(frame, field);
      if (this.#fieldsLeft <= 0) return false;
    }
    frame.isIndexed = true;
    return true;
  }

  #writeField(text: TextBuffer, frame: Frame, field: FieldLayout): void {
    const { slot } = field;
    const at = frame.valueAt[slot] ?? 0;
    const end = frame.lastEnd[slot] ?? 0;
    if (field.omitsDefault && isDefault(field, this.#bytes, at, end)) return;
    writeName(text, frame, field);
    if (field.isList) {
      text.put(openBracket);
      frame.list = field;
      frame.isListEmpty = true;
      // What lies before the first element is skipped where that is easy.
      this.#walk(frame, 0, frame.parts.count === 1 ? frame.firstAt[slot] : undefined);
    } else if (field.kind === "message") {
      this.#push(field.message(), at, end, frame.merged.get(slot));
    } else {
      this.#writeScalar(text, field, at, end);
    }
  }

  #writeElements(text: TextBuffer, frame: Frame, list: FieldLayout): void {
    const { fields } = frame;
    while (!text.isFull && this.#fieldsLeft > 0) {
      if (frame.packedAt < frame.packedEnd) {
        this.#fieldsLeft -= 1;
        writeComma(text, frame);
        text.ascii(scalarText(list.kind, this.#bytes, frame.packedAt));
        frame.packedAt = elementEnd(list, this.#bytes, frame.packedAt, frame.packedEnd);
        continue;
      }
      // Behind the last element nothing has to be looked at.
      const isBehind = fields.end >= (frame.lastEnd[list.slot] ?? 0) && frame.part + 1 >= frame.parts.count;
      if (isBehind || !this.#next(frame)) {
        text.put(closeBracket);
        frame.list = undefined;
        return;
      }
      if (fields.number !== list.number) continue;
      if (fields.wireType === WireType.LengthDelimited && isPackable(list)) {
        frame.packedAt = fields.valueAt;
        frame.packedEnd = fields.end;
        continue;
      }
      writeComma(text, frame);
      if (list.kind === "message") {
        this.#push(list.message(), fields.valueAt, fields.end);
        return;
      }
      this.#writeScalar(text, list, fields.valueAt, fields.end);
      if (this.#rest !== undefined) return;
    }
  }

  #writeScalar(text: TextBuffer, field: FieldLayout, at: number, end: number): void {
    if (field.kind !== "string" && field.kind !== "base64" && field.kind !== "hex") {
      text.ascii(scalarText(field.kind, this.#bytes, at));
      return;
    }
    text.put(quote);
    if (field.kind === "hex" && isDefault(field, this.#bytes, at, end)) {
      // An id of zeros is none.
      text.put(quote);
      return;
    }
    if (end - at > shortBytes) {
      this.#rest = { field, at, end };
      return;
    }
    text[field.kind](this.#bytes, at, end);
    text.put(quote);
  }

  #writeRest(
    text: TextBuffer,
    rest: { readonly field: FieldLayout; at: number; readonly end: number },
  ): void {
    const { kind } = rest.field;
    if (kind !== "string" && kind !== "base64" && kind !== "hex") throw new Error(`${kind} is never long`);
    rest.at = text[kind](this.#bytes, rest.at, rest.end);
    if (rest.at < rest.end) return;
    text.put(quote);
    this.#rest = undefined;
  }
}

/** Notes one occurrence of a field: of a oneof the last member counts, of a scalar the last value. */
function note(frame: Frame, field: FieldLayout): void {
  const { fields, counts } = frame;
  const { slot } = field;
  if (fields.wireType !== field.wireType) {
    // A packed value without elements is none.
    const isPacked = fields.wireType === WireType.LengthDelimited && isPackable(field);
    if (!isPacked || fields.valueAt === fields.end) return;
  }
  for (const rival of field.rivals) {
    counts[rival] = 0;
    frame.merged.delete(rival);
  }
  const count = (counts[slot] ?? 0) + 1;
  if (count === 1) frame.firstAt[slot] = fields.tagAt;
  else if (field.kind === "message" && !field.isList) {
    let parts = frame.merged.get(slot);
    if (parts === undefined) {
      parts = new WireParts();
      parts.add(frame.valueAt[slot] ?? 0, frame.lastEnd[slot] ?? 0);
      frame.merged.set(slot, parts);
    }
    // An empty part changes nothing.
    if (fields.valueAt < fields.end) parts.add(fields.valueAt, fields.end);
  }
  counts[slot] = count;
  frame.valueAt[slot] = fields.valueAt;
  frame.lastEnd[slot] = fields.end;
}

function writeName(text: TextBuffer, frame: Frame, field: FieldLayout): void {
  if (frame.isEmpty) frame.isEmpty = false;
  else text.put(comma);
  text.raw(field.name);
}

function writeComma(text: TextBuffer, frame: Frame): void {
  if (frame.isListEmpty) frame.isListEmpty = false;
  else text.put(comma);
}
