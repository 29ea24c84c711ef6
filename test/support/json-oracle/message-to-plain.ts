import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { InstrumentationScopeSchema } from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { ResourceSchema } from "../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import type { Signal } from "../../../src/domain/signal.ts";
import { hexId } from "../../../src/otlp/decode/hex-id.ts";
import { readMessage } from "../../../src/otlp/decode/read-message.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";

/** Values that `JSON.stringify` writes as OTLP/JSON. */
type Plain = boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** Messages that pdata embeds by value, so that its marshaler writes them even when they are empty. */
const embeddedTypes = new Set<string>([ResourceSchema.typeName, InstrumentationScopeSchema.typeName]);
const embeddedFields = new Set([
  "KeyValue.value",
  "KeyValueAndUnit.value",
  "Span.status",
  "LogRecord.body",
  "ExponentialHistogramDataPoint.positive",
  "ExponentialHistogramDataPoint.negative",
  "Profile.sample_type",
  "Profile.period_type",
  "ExportProfilesServiceRequest.dictionary",
]);

/** Ids that OTLP/JSON writes as hex. Profile ids are hex in the Collector's output alone. */
const hexFields = new Set(["trace_id", "span_id", "parent_span_id", "profile_id"]);

interface WrittenField {
  readonly field: DescField;
  readonly isEmbedded: boolean;
}

const layouts = new Map<DescMessage, readonly WrittenField[]>();

/** A decoded message as pdata's JSON marshaler writes it. */
function toPlain(schema: DescMessage, message: Message): Plain {
  const plain: Record<string, Plain> = {};
  for (const { field, isEmbedded } of layoutOf(schema)) {
    const value = valueOfField(field, message);
    if (value !== undefined) plain[field.jsonName] = value;
    else if (isEmbedded) plain[field.jsonName] = {};
  }
  return plain;
}

/** The fields of a message in the order of the .proto file. */
function layoutOf(schema: DescMessage): readonly WrittenField[] {
  let layout = layouts.get(schema);
  if (layout === undefined) {
    layout = schema.fields.map((field) => ({
      field,
      isEmbedded:
        embeddedTypes.has(field.message?.typeName ?? "") ||
        embeddedFields.has(`${schema.name}.${field.name}`),
    }));
    layouts.set(schema, layout);
  }
  return layout;
}

/** Undefined when the field is not written: it is not set, or has no presence and is at its default. */
function valueOfField(field: DescField, message: Message): Plain | undefined {
  const members = message as unknown as Readonly<Record<string, unknown>>;
  if (field.oneof !== undefined) {
    const set = members[field.oneof.localName] as { readonly case?: string; readonly value?: unknown };
    return set.case === field.localName ? show(field, set.value) : undefined;
  }
  const value = members[field.localName];
  if (field.fieldKind === "list") {
    const list = value as readonly unknown[];
    return list.length === 0 ? undefined : list.map((element) => show(field, element));
  }
  const isPlainScalar = field.fieldKind !== "message" && field.proto.proto3Optional !== true;
  if (value === undefined || (isPlainScalar && isDefault(field, value))) return undefined;
  return show(field, value);
}

function isDefault(field: DescField, value: unknown): boolean {
  if (value instanceof Uint8Array) {
    return hexFields.has(field.name) ? hexId(value) === "" : value.byteLength === 0;
  }
  return Object.is(value, 0) || value === 0n || value === false || value === "";
}

function show(field: DescField, value: unknown): Plain {
  if (field.message !== undefined) return toPlain(field.message, value as Message);
  switch (typeof value) {
    case "bigint":
      return value.toString();
    case "number":
      return field.scalar === ScalarType.DOUBLE ? showDouble(value) : value;
    case "string":
    case "boolean":
      return value;
    default: {
      const bytes = value as Uint8Array;
      return hexFields.has(field.name) ? hexId(bytes) : base64Encode(bytes);
    }
  }
}

/** JSON numbers lack NaN, the infinities and negative zero: these are written as strings. */
function showDouble(value: number): Plain {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

/** The OTLP/JSON of an encoded request, by way of the objects that Protobuf-ES decodes it to. */
export function jsonByObjects(signal: Signal, bytes: Uint8Array): string {
  const schema: DescMessage = requestSchemas[signal];
  return JSON.stringify(toPlain(schema, readMessage(schema, bytes)));
}
