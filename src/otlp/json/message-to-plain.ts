import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { hexId } from "../decode/hex-id.ts";

/** What `JSON.stringify` makes OTLP/JSON of. */
export type Plain = boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** Messages that pdata has in place, so that its marshaler writes them though they are empty. */
const inPlace = new Set([
  "ResourceSpans.resource",
  "ResourceLogs.resource",
  "ResourceMetrics.resource",
  "ResourceProfiles.resource",
  "ScopeSpans.scope",
  "ScopeLogs.scope",
  "ScopeMetrics.scope",
  "ScopeProfiles.scope",
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

/** Ids that are hex in OTLP/JSON; profile ids are in the Collector's. */
const hexFields = new Set(["trace_id", "span_id", "parent_span_id", "profile_id"]);

interface WrittenField {
  readonly field: DescField;
  readonly isInPlace: boolean;
}

const layouts = new Map<DescMessage, readonly WrittenField[]>();

/** A decoded message as pdata's JSON marshaler shows it. */
export function toPlain(schema: DescMessage, message: Message): Plain {
  const plain: Record<string, Plain> = {};
  for (const { field, isInPlace } of layoutOf(schema)) {
    const value = valueOfField(field, message);
    if (value !== undefined) plain[field.jsonName] = value;
    else if (isInPlace) plain[field.jsonName] = {};
  }
  return plain;
}

/** In the order of the .proto file. */
function layoutOf(schema: DescMessage): readonly WrittenField[] {
  let layout = layouts.get(schema);
  if (layout === undefined) {
    layout = schema.fields.map((field) => ({
      field,
      isInPlace: inPlace.has(`${schema.name}.${field.name}`),
    }));
    layouts.set(schema, layout);
  }
  return layout;
}

/** Undefined for what is not written: what is not set, or has its default without presence. */
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
    // The Collector takes an id of zeros for none.
    return hexFields.has(field.name) ? value.every((byte) => byte === 0) : value.byteLength === 0;
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

/** What JSON has no number for is a string: NaN, the infinities, and the sign of zero. */
function showDouble(value: number): Plain {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}
