import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { KeyValueSchema } from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { LogRecordSchema } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { MetricSchema } from "../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { bySignal, type Signal, signals } from "../../domain/signal.ts";
import { itemSchemas, requestSchemas } from "../services.ts";
import { wireTypeOf } from "../wire/wire-type.ts";
import { isProfileId, isTraceOrSpanId, misreadHexBytes } from "./id-fields.ts";
import * as layout from "./reader-layout.ts";

/**
 * The table that drives the JSON reader, derived from the generated descriptors: the .proto files are the one source.
 */
export interface ReaderTable {
  /** Goes to TABLE in the reader's memory. */
  readonly bytes: Uint8Array;
  /** Addresses of the requests' messages. */
  readonly roots: Readonly<Record<Signal, number>>;
  /** The fields by their addresses. */
  readonly fields: ReadonlyMap<number, DescField>;
}

export function createReaderTable(): ReaderTable {
  const writer = new TableWriter();
  const roots = bySignal((signal) => writer.message(requestSchemas[signal]));
  return { bytes: writer.bytes(), roots, fields: writer.fields };
}

/** The room of the table, which is more than it takes. */
const maxBytes = 2 ** 17;
const alignment = 16;

class TableWriter {
  readonly fields = new Map<number, DescField>();
  readonly #messages = new Map<DescMessage, number>();
  readonly #enums = new Map<DescEnum, number>();
  readonly #buffer = new Uint8Array(maxBytes);
  readonly #view = new DataView(this.#buffer.buffer);
  #next = layout.TABLE;

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#next - layout.TABLE);
  }

  message(schema: DescMessage): number {
    const known = this.#messages.get(schema);
    if (known !== undefined) return known;
    const message = this.#take(layout.MESSAGE_BYTES);
    // The message is noted before its fields are written: AnyValue contains itself.
    this.#messages.set(schema, message);
    const isItem = itemTypes.has(schema.typeName);
    const flags =
      (isItem ? layout.MESSAGE_IS_ITEM : 0) | (leadsToItems(schema) ? layout.MESSAGE_LEADS_TO_ITEMS : 0);
    this.#set32(message + layout.MESSAGE_FLAGS, flags);
    const names = schema.fields.flatMap((field): (readonly [string, number])[] => {
      const address = this.#field(field, kindOf(field));
      // ProtoJSON: parsers accept both the JSON name and the name in the .proto file.
      return [...new Set([field.jsonName, field.name])].map((name) => [name, address]);
    });
    if (names.length > layout.MAX_NAMES) throw new Error(`${schema} has more names than the reader's table`);
    this.#set32(message + layout.MESSAGE_NAMES, this.#names(names));
    return message;
  }

  #field(field: DescField, kind: number): number {
    const address = this.#take(layout.FIELD_BYTES);
    this.fields.set(address, field);
    const tag = tagOf(field);
    this.#set32(
      address + layout.FIELD_TAG,
      tag.reduceRight((sum, byte) => sum * 256 + byte, 0),
    );
    this.#set8(address + layout.FIELD_TAG_BYTES, tag.byteLength);
    this.#set8(address + layout.FIELD_KIND, kind);
    this.#set16(address + layout.FIELD_FLAGS, flagsOf(field));
    this.#set8(address + layout.FIELD_MISREAD_HEX_BYTES, misreadHexBytes(field));
    this.#set8(address + layout.FIELD_LENGTH_BYTES, 1);
    if (field.message !== undefined) {
      this.#set32(address + layout.FIELD_MESSAGE, this.message(field.message));
    }
    if (field.enum !== undefined) this.#set32(address + layout.FIELD_NAMES, this.#enum(field.enum));
    const { oneof } = field;
    if (oneof === undefined) return address;
    this.#set8(address + layout.FIELD_ONEOF, 1 + field.parent.oneofs.indexOf(oneof));
    const double = oneof.fields.find(({ scalar }) => scalar === ScalarType.DOUBLE);
    if (isSigned64(field) && double !== undefined) {
      this.#set32(address + layout.FIELD_DOUBLE_MEMBER, this.#field(double, layout.KIND_NUMBER));
    }
    return address;
  }

  #enum(schema: DescEnum): number {
    const known = this.#enums.get(schema);
    if (known !== undefined) return known;
    const names = this.#names(schema.values.map(({ name, number }) => [name, number]));
    this.#enums.set(schema, names);
    return names;
  }

  /** Writes a hash table of names with their values. */
  #names(names: readonly (readonly [name: string, value: number])[]): number {
    const size = 2 ** Math.ceil(Math.log2(2 * names.length + 1));
    const table = this.#take(layout.NAMES_BUCKETS + 4 * size);
    this.#set32(table + layout.NAMES_MASK, size - 1);
    for (const [bit, [name, value]] of names.entries()) {
      const text = Buffer.from(JSON.stringify(name));
      if (text.byteLength > layout.NAME_TEXT_BYTES)
        throw new Error(`${name} does not fit the reader's table`);
      const address = this.#take(layout.NAME_BYTES);
      const bucket = table + layout.NAMES_BUCKETS + 4 * (hashOf(text) & (size - 1));
      this.#set32(address + layout.NAME_NEXT, this.#view.getUint32(bucket - layout.TABLE, true));
      this.#set32(bucket, address);
      this.#set32(address + layout.NAME_VALUE, value);
      this.#set8(address + layout.NAME_LENGTH, text.byteLength);
      this.#set8(address + layout.NAME_BIT, bit);
      this.#buffer.set(text, address + layout.NAME_TEXT - layout.TABLE);
      const mask = address + layout.NAME_MASK - layout.TABLE;
      this.#buffer.fill(0xff, mask, mask + text.byteLength);
    }
    return table;
  }

  #take(bytes: number): number {
    const at = this.#next;
    this.#next += Math.ceil(bytes / alignment) * alignment;
    if (this.#next > layout.TABLE + maxBytes) throw new Error("the reader's table is full");
    return at;
  }

  #set8(address: number, value: number): void {
    this.#view.setUint8(address - layout.TABLE, value);
  }

  #set16(address: number, value: number): void {
    this.#view.setUint16(address - layout.TABLE, value, true);
  }

  #set32(address: number, value: number): void {
    this.#view.setUint32(address - layout.TABLE, value, true);
  }
}

function hashOf(text: Uint8Array): number {
  return text.reduce(
    (hash, byte) => Math.imul(hash ^ byte, layout.NAME_HASH_FACTOR) >>> 0,
    layout.NAME_HASH_SEED,
  );
}

function tagOf(field: DescField): Uint8Array {
  const isPacked = field.fieldKind === "list" && field.packed;
  const wireType = isPacked ? WireType.LengthDelimited : wireTypeOf(field);
  const tag = new BinaryWriter().tag(field.number, wireType).finish();
  if (tag.byteLength > 2) throw new Error(`${field} does not fit the reader's table`);
  return tag;
}

function flagsOf(field: DescField): number {
  const { message, parent } = field;
  const isMetric = message?.typeName === MetricSchema.typeName;
  const isItem = message !== undefined && itemTypes.has(message.typeName);
  const isList = field.fieldKind === "list";
  const isForgiving = isTraceOrSpanId(field) && parent.typeName === LogRecordSchema.typeName;
  const holdsAttributes = isList && message?.typeName === KeyValueSchema.typeName;
  return (
    (isList ? layout.FIELD_IS_LIST : 0) |
    (isList && field.packed ? layout.FIELD_IS_PACKED : 0) |
    (message !== undefined && (isItem || leadsToItems(message)) ? layout.FIELD_LEADS_TO_ITEMS : 0) |
    (isItem || isMetric ? layout.FIELD_IS_REJECTED_WHOLE : 0) |
    (isForgiving ? layout.FIELD_IS_FORGIVING : 0) |
    (holdsAttributes ? layout.FIELD_HOLDS_ATTRIBUTES : 0)
  );
}

const itemTypes = new Set<string>(
  signals.flatMap((signal) => itemSchemas[signal].map(({ typeName }) => typeName)),
);

/** @param within the messages around it, which are not searched again: AnyValue contains itself */
function leadsToItems(message: DescMessage, within: readonly DescMessage[] = []): boolean {
  if (itemTypes.has(message.typeName)) return false;
  return message.fields.some(
    ({ message: child }) =>
      child !== undefined &&
      !within.includes(child) &&
      (itemTypes.has(child.typeName) || leadsToItems(child, [...within, message])),
  );
}

function isSigned64({ scalar }: DescField): boolean {
  return scalar === ScalarType.INT64 || scalar === ScalarType.SFIXED64;
}

function kindOf(field: DescField): number {
  if (field.message !== undefined) return layout.KIND_MESSAGE;
  if (field.enum !== undefined) return layout.KIND_ENUM;
  if (isTraceOrSpanId(field)) return layout.KIND_HEX_ID;
  if (isProfileId(field)) return layout.KIND_PROFILE_ID;
  const kind = field.scalar === undefined ? undefined : scalarKinds[field.scalar];
  if (kind === undefined) throw new Error(`OTLP/JSON has no rule for ${field}`);
  return kind;
}

const scalarKinds: Readonly<Partial<Record<ScalarType, number>>> = {
  [ScalarType.STRING]: layout.KIND_STRING,
  [ScalarType.BOOL]: layout.KIND_BOOL,
  [ScalarType.DOUBLE]: layout.KIND_DOUBLE,
  [ScalarType.BYTES]: layout.KIND_BYTES,
  [ScalarType.INT32]: layout.KIND_INT32,
  [ScalarType.SINT32]: layout.KIND_SINT32,
  [ScalarType.UINT32]: layout.KIND_UINT32,
  [ScalarType.FIXED32]: layout.KIND_FIXED32,
  [ScalarType.INT64]: layout.KIND_INT64,
  [ScalarType.SFIXED64]: layout.KIND_SFIXED64,
  [ScalarType.UINT64]: layout.KIND_UINT64,
  [ScalarType.FIXED64]: layout.KIND_FIXED64,
};
