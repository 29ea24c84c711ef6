import { AnyValueSchema } from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import type { AttributeValue } from "../../domain/telemetry.ts";
import { WireFields } from "../wire/wire-fields.ts";
import { fromAnyValue } from "./any-value.ts";
import { maxCost, readBounded } from "./bounded-message.ts";

/** The field of an export request that holds the dictionary. */
const DICTIONARY = 2;

/** The tables of a dictionary, by their numbers (profiles.proto, ProfilesDictionary). */
const tables = { mapping: 1, location: 2, function: 3, string: 5, attribute: 6, stack: 7 } as const;
type Table = keyof typeof tables;

/** Entries of all tables together; later ones are shown like indices out of range. */
export const maxDictionaryEntries = 200_000;
/** The frames of a stack that are shown, from the leaf on. */
const maxFrames = 512;
const maxTextBytes = 1_024;
/** Bytes of an entry that are looked at; the fields that begin behind them are left out. */
const maxEntryBytes = 65_536;
/** Bytes of a request that are looked at in one step, about. */
const stepBytes = 32_768;

/** A function that was called. There is one object of a dictionary for each name and file. */
export interface Frame {
  /** Counts from 0. */
  readonly id: number;
  readonly name: string;
  /** "" when it is not known. */
  readonly file: string;
}

const utf8 = new TextDecoder();

/**
 * What the indices in the profiles of one request mean. Tables refer to one another in one direction alone, from stacks
 * to locations to functions to strings, so that there are no cycles. An index out of range is shown as such.
 */
export class ProfileDictionary {
  readonly #bytes: Uint8Array;
  /** Where each entry of each table begins and ends. */
  readonly #entries = new Map<number, number[]>(Object.values(tables).map((number) => [number, []]));
  readonly #frames = new Map<string, Frame>();
  /* An entry that many others refer to is read once: it may be megabytes long. */
  readonly #locations: (readonly Frame[] | undefined)[];
  readonly #functions = new Map<number, Frame>();
  readonly #mappingFiles = new Map<number, string>();
  readonly #attributes = new Map<number, readonly [key: string, value: AttributeValue]>();

  /** @param encoded a ProfilesDictionary that the scanner accepted */
  constructor(encoded: Uint8Array) {
    this.#bytes = encoded;
    let count = 0;
    for (const entry = new WireFields(encoded); entry.next() && count < maxDictionaryEntries; count++) {
      this.#entries.get(entry.number)?.push(entry.valueAt, entry.end);
    }
    this.#locations = new Array((this.#entries.get(tables.location)?.length ?? 0) / 2);
  }

  /**
   * The dictionary of an encoded export request: parts of it that are given apart are one message. It is read in short
   * steps, since there may be millions of parts.
   */
  static *of(request: Uint8Array): Generator<void, ProfileDictionary, undefined> {
    let tables = request.subarray(0, 0);
    let merged: Uint8Array | undefined;
    let stepEnd = stepBytes;
    for (const field = new WireFields(request); field.next(); ) {
      if (field.end > stepEnd) {
        yield;
        stepEnd = field.end + stepBytes;
      }
      if (field.number !== DICTIONARY || field.end === field.valueAt) continue;
      const part = request.subarray(field.valueAt, field.end);
      if (tables.byteLength === 0) {
        tables = part;
        continue;
      }
      if (merged === undefined) {
        merged = new Uint8Array(request.byteLength);
        merged.set(tables);
      }
      merged.set(part, tables.byteLength);
      tables = merged.subarray(0, tables.byteLength + part.byteLength);
    }
    yield;
    return new ProfileDictionary(tables);
  }

  /** Undefined for an index out of range. */
  #entry(table: Table, index: number): WireFields | undefined {
    const span = this.#span(table, index);
    return span && new WireFields(this.#bytes, span[0], Math.min(span[1], span[0] + maxEntryBytes));
  }

  #span(table: Table, index: number): readonly [number, number] | undefined {
    const ends = this.#entries.get(tables[table]);
    const at = ends?.[2 * index];
    const end = ends?.[2 * index + 1];
    return at === undefined || end === undefined ? undefined : [at, end];
  }

  string(index: number): string {
    const span = this.#span("string", index);
    if (span === undefined) return missing("string", index);
    const [at, end] = span;
    const text = utf8.decode(this.#bytes.subarray(at, Math.min(end, at + maxTextBytes)));
    return end - at > maxTextBytes ? `${text}...` : text;
  }

  /** The key and the value of an attribute. */
  attribute(index: number): readonly [key: string, value: AttributeValue] {
    return readOnce(this.#attributes, index, () => this.#readAttribute(index));
  }

  #readAttribute(index: number): readonly [key: string, value: AttributeValue] {
    const fields = this.#entry("attribute", index);
    if (fields === undefined) return [missing("attribute", index), null];
    let key = 0;
    let value: Uint8Array | undefined;
    while (fields.next()) {
      if (fields.number === 1) key = this.#int(fields);
      if (fields.number === 2) value = this.#bytes.subarray(fields.valueAt, fields.end);
    }
    return [this.string(key), value === undefined ? null : this.#value(value)];
  }

  #value(bytes: Uint8Array): AttributeValue {
    const { message } = readBounded(AnyValueSchema, bytes, maxCost.context);
    const { value } = message;
    return value.case === "stringValueStrindex" ? this.string(value.value) : fromAnyValue(message);
  }

  hasStack(index: number): boolean {
    return this.#span("stack", index) !== undefined;
  }

  /** The frames of a stack, the leaf first; a stack that is longer than is shown ends with "...". */
  stack(index: number): readonly Frame[] {
    const fields = this.#entry("stack", index);
    if (fields === undefined) return [this.frame(missing("stack", index))];
    const frames: Frame[] = [];
    const addLocation = (location: number) => {
      for (const frame of this.#location(location)) {
        if (frames.length === maxFrames) return false;
        frames.push(frame);
      }
      return true;
    };
    while (fields.next()) {
      if (fields.number !== 1 || forEachInt(this.#bytes, fields, addLocation)) continue;
      frames.push(this.frame("..."));
      break;
    }
    return frames;
  }

  /** The frame with this name and file. */
  frame(name: string, file = ""): Frame {
    const key = JSON.stringify([name, file]);
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const frame = { id: this.#frames.size, name, file };
    this.#frames.set(key, frame);
    return frame;
  }

  /** Several frames where functions were inlined, the innermost first. */
  #location(index: number): readonly Frame[] {
    const known = this.#locations[index];
    if (known !== undefined) return known;
    const frames = this.#readLocation(index);
    if (index >= 0 && index < this.#locations.length) this.#locations[index] = frames;
    return frames;
  }

  #readLocation(index: number): readonly Frame[] {
    const fields = this.#entry("location", index);
    if (fields === undefined) return [this.frame(missing("location", index))];
    const frames: Frame[] = [];
    let mapping = 0;
    let address = 0n;
    while (fields.next() && frames.length < maxFrames) {
      if (fields.number === 1) mapping = this.#int(fields);
      if (fields.number === 2) address = this.#long(fields);
      if (fields.number === 3)
        frames.push(this.#line(new WireFields(this.#bytes, fields.valueAt, fields.end)));
    }
    if (frames.length > 0) return frames;
    // Nothing but the address is known of code without symbols.
    return [this.frame(`0x${address.toString(16)}`, this.#mappingFile(mapping))];
  }

  #line(fields: WireFields): Frame {
    let index = 0;
    while (fields.next()) {
      if (fields.number === 1) index = this.#int(fields);
    }
    return readOnce(this.#functions, index, () => this.#readFunction(index));
  }

  #readFunction(index: number): Frame {
    const of = this.#entry("function", index);
    if (of === undefined) return this.frame(missing("function", index));
    let [name, systemName, file] = [0, 0, 0];
    while (of.next()) {
      if (of.number === 1) name = this.#int(of);
      if (of.number === 2) systemName = this.#int(of);
      if (of.number === 3) file = this.#int(of);
    }
    return this.frame(this.#known(name) || this.#known(systemName) || "(unnamed)", this.#known(file));
  }

  #mappingFile(index: number): string {
    return readOnce(this.#mappingFiles, index, () => this.#readMappingFile(index));
  }

  #readMappingFile(index: number): string {
    const fields = this.#entry("mapping", index);
    if (fields === undefined) return index === 0 ? "" : missing("mapping", index);
    let file = 0;
    while (fields.next()) {
      if (fields.number === 4) file = this.#int(fields);
    }
    return this.#known(file);
  }

  /** Index 0 means that there is none, also where a sender has left out the entry that stands for it. */
  #known(index: number): string {
    return index === 0 ? "" : this.string(index);
  }

  #int({ valueAt, end }: WireFields): number {
    return int32At(this.#bytes, valueAt, end);
  }

  #long({ valueAt, end }: WireFields): bigint {
    let value = 0n;
    for (let at = valueAt; at < end; at++)
      value |= BigInt((this.#bytes[at] ?? 0) & 0x7f) << BigInt(7 * (at - valueAt));
    return BigInt.asUintN(64, value);
  }
}

/**
 * Visits the int32s of one field that is packed, or has one, until `visit` answers false.
 * @returns whether all were visited
 */
export function forEachInt(
  bytes: Uint8Array,
  { valueAt, end }: Pick<WireFields, "valueAt" | "end">,
  visit: (value: number) => boolean,
): boolean {
  let from = valueAt;
  for (let at = valueAt; at < end; at++) {
    if (bytes[at]! >= 0x80) continue;
    if (!visit(int32At(bytes, from, at + 1))) return false;
    from = at + 1;
  }
  return true;
}

/** Of a varint of 32 or 64 bits the lower 32 count. */
export function int32At(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end && i < at + 5; i++) value |= ((bytes[i] ?? 0) & 0x7f) << (7 * (i - at));
  return value;
}

function readOnce<Value>(known: Map<number, Value>, index: number, read: () => Value): Value {
  let value = known.get(index);
  if (value === undefined) {
    value = read();
    known.set(index, value);
  }
  return value;
}

function missing(table: Table, index: number): string {
  return `(no ${table} ${index})`;
}
