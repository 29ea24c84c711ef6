import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { InstrumentationScopeSchema } from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { ResourceSchema } from "../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import { wireTypeOf } from "../wire/wire-type.ts";

/** How the value of a field is written. */
export type ValueKind =
  | "message"
  | "string"
  | "base64"
  | "hex"
  | "bool"
  | "double"
  | "int32"
  | "uint32"
  | "sint32"
  | "fixed32"
  | "int64"
  | "uint64"
  | "fixed64"
  | "sfixed64";

export interface FieldLayout {
  /** Its place among the fields of its message, in the order of the .proto file. */
  readonly slot: number;
  readonly number: number;
  readonly wireType: WireType;
  readonly kind: ValueKind;
  /** `"name":` */
  readonly name: Buffer;
  readonly isList: boolean;
  /** The field is written even when it is not set, as an empty message. */
  readonly isEmbedded: boolean;
  /** The field is not written when it has its default value. */
  readonly omitsDefault: boolean;
  /** The slots of the other members of its oneof. */
  readonly rivals: readonly number[];
  /** The layout of the messages that it holds. */
  readonly message: () => MessageLayout;
}

export interface MessageLayout {
  readonly fields: readonly FieldLayout[];
  readonly byNumber: readonly (FieldLayout | undefined)[];
}

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

const layouts = new Map<DescMessage, MessageLayout>();

export function layoutOf(schema: DescMessage): MessageLayout {
  let layout = layouts.get(schema);
  if (layout === undefined) {
    const fields = schema.fields.map((field, slot) => fieldLayout(schema, field, slot));
    const byNumber: (FieldLayout | undefined)[] = [];
    for (const field of fields) byNumber[field.number] = field;
    layout = { fields, byNumber: Array.from(byNumber) };
    layouts.set(schema, layout);
  }
  return layout;
}

function fieldLayout(schema: DescMessage, field: DescField, slot: number): FieldLayout {
  const { message, oneof } = field;
  const isList = field.fieldKind === "list";
  const isEmbedded =
    !isList &&
    (embeddedTypes.has(message?.typeName ?? "") || embeddedFields.has(`${schema.name}.${field.name}`));
  return {
    slot,
    number: field.number,
    wireType: wireTypeOf(field),
    kind: kindOf(field),
    name: Buffer.from(`${JSON.stringify(field.jsonName)}:`),
    isList,
    isEmbedded,
    omitsDefault: !isList && message === undefined && oneof === undefined && !field.proto.proto3Optional,
    rivals: oneof?.fields.filter((each) => each !== field).map((each) => schema.fields.indexOf(each)) ?? [],
    message: () => {
      if (message === undefined) throw new Error(`${field} holds no messages`);
      return layoutOf(message);
    },
  };
}

function kindOf(field: DescField): ValueKind {
  if (field.message !== undefined) return "message";
  if (field.enum !== undefined) return "int32";
  switch (field.scalar) {
    case ScalarType.STRING:
      return "string";
    case ScalarType.BYTES:
      return hexFields.has(field.name) ? "hex" : "base64";
    case ScalarType.BOOL:
      return "bool";
    case ScalarType.DOUBLE:
      return "double";
    case ScalarType.INT32:
      return "int32";
    case ScalarType.UINT32:
      return "uint32";
    case ScalarType.SINT32:
      return "sint32";
    case ScalarType.FIXED32:
      return "fixed32";
    case ScalarType.INT64:
      return "int64";
    case ScalarType.UINT64:
      return "uint64";
    case ScalarType.FIXED64:
      return "fixed64";
    case ScalarType.SFIXED64:
      return "sfixed64";
    default:
      throw new Error(`${field} is of a type that OTLP does not use`);
  }
}

/** Whether elements of the field may come together in one length-delimited value. */
export function isPackable({ isList, wireType }: FieldLayout): boolean {
  return isList && wireType !== WireType.LengthDelimited;
}
