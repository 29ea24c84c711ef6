import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { WireType } from "@bufbuild/protobuf/wire";
import { LogRecordSchema } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { MetricSchema } from "../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { signals } from "../../../src/domain/signal.ts";
import type { IdEncoding } from "../../../src/otlp/json/id-fields.ts";
import { itemSchemas } from "../../../src/otlp/services.ts";
import { wireTypeOf } from "../../../src/otlp/wire/wire-type.ts";
import { enumScalar, hexIdScalar, profileIdScalar, type Scalar, scalars } from "./scalars.ts";

/** How to write the fields of a message from JSON. */
export interface MessagePlan {
  /** By their JSON name and by their name in the .proto file (ProtoJSON: parsers accept both). */
  readonly fields: ReadonlyMap<string, FieldPlan>;
  /** What OTLP counts and rejects one by one: a span, log record, data point or profile. */
  readonly isItem: boolean;
  /** Set for messages that contain items, at any depth. */
  readonly leadsToItems: boolean;
}

/** How to write one field from JSON. */
export type FieldPlan = FieldTraits &
  (
    | { readonly message: MessagePlan; readonly scalar?: undefined }
    | { readonly message?: undefined; readonly scalar: Scalar }
  );

interface FieldTraits {
  readonly number: number;
  /** The name in the .proto file, which paths use. */
  readonly name: string;
  readonly isList: boolean;
  /** Set for a list of numbers, which is encoded as one packed value. */
  readonly isPacked: boolean;
  readonly wireType: WireType;
  /** The name of the oneof that the field belongs to; one member of it can be set. */
  readonly oneof: string | undefined;
  readonly isDouble: boolean;
  /** Of a 64-bit integer: the double in the same oneof, which takes numbers that do not fit the integer. */
  readonly doubleMember: FieldPlan | undefined;
  /** A value that does not fit counts as not set: without its ids a log record is merely not correlated. */
  readonly isForgiving: boolean;
  /** Of an id in base64: its length when its hex digits, which are base64 too, were sent in place of base64. */
  readonly misreadHexBytes: number | undefined;
  /** Set when the field holds items, or messages that lead to items. */
  readonly leadsToItems: boolean;
  /** Set for items, and for metrics: without its name, unit or temporality a metric's points mean nothing. */
  readonly isRejectedWhole: boolean;
}

const plans = { hex: new Map<string, MessagePlan>(), base64: new Map<string, MessagePlan>() };

/** The plan of a message; made once and kept. */
export function planOf(message: DescMessage, ids: IdEncoding): MessagePlan {
  const known = plans[ids].get(message.typeName);
  if (known !== undefined) return known;
  const fields = new Map<string, FieldPlan>();
  const isItem = itemTypes.has(message.typeName);
  const plan = { fields, isItem, leadsToItems: !isItem && containsItems(message) };
  // Registered before its fields are planned: AnyValue contains itself.
  plans[ids].set(message.typeName, plan);
  for (const field of message.fields) {
    const fieldPlan = planField(field, ids);
    fields.set(field.name, fieldPlan);
    fields.set(field.jsonName, fieldPlan);
  }
  return plan;
}

function planField(field: DescField, ids: IdEncoding): FieldPlan {
  const message = field.message === undefined ? undefined : planOf(field.message, ids);
  const scalar = scalarOf(field, ids);
  const isLong = field.scalar === ScalarType.INT64 || field.scalar === ScalarType.SFIXED64;
  const doubleMember = field.oneof?.fields.find((member) => member.scalar === ScalarType.DOUBLE);
  const traits: FieldTraits = {
    number: field.number,
    name: field.name,
    isList: field.fieldKind === "list",
    isPacked: field.fieldKind === "list" && field.packed,
    wireType: wireTypeOf(field),
    oneof: field.oneof?.name,
    isDouble: field.scalar === ScalarType.DOUBLE,
    doubleMember: isLong && doubleMember !== undefined ? planField(doubleMember, ids) : undefined,
    isForgiving: isTraceOrSpanId(field) && field.parent.typeName === LogRecordSchema.typeName,
    misreadHexBytes: ids === "base64" ? misreadHexBytes[field.name] : undefined,
    leadsToItems: message !== undefined && (message.isItem || message.leadsToItems),
    isRejectedWhole: message?.isItem === true || field.message?.typeName === MetricSchema.typeName,
  };
  if (message !== undefined) return { ...traits, message };
  if (scalar === undefined) throw new Error(`OTLP/JSON has no rule for ${field.toString()}`);
  return { ...traits, scalar };
}

const itemTypes = new Set<string>(
  signals.flatMap((signal) => itemSchemas[signal].map(({ typeName }) => typeName)),
);

/** @param within the messages around it, which are not searched again: AnyValue contains itself */
function containsItems(message: DescMessage, within: readonly DescMessage[] = []): boolean {
  return message.fields.some(
    ({ message: child }) =>
      child !== undefined &&
      !within.includes(child) &&
      (itemTypes.has(child.typeName) || containsItems(child, [...within, message])),
  );
}

/** Hex digits read as base64 become three bytes for each four: 24 bytes for 32 digits and 12 for 16. */
const misreadHexBytes: Readonly<Record<string, number>> = {
  trace_id: 24,
  span_id: 12,
  parent_span_id: 12,
  profile_id: 24,
};

function isTraceOrSpanId({ name }: DescField): boolean {
  return name === "trace_id" || name === "span_id" || name === "parent_span_id";
}

function scalarOf(field: DescField, ids: IdEncoding): Scalar | undefined {
  if (ids === "hex" && isTraceOrSpanId(field)) return hexIdScalar;
  if (ids === "hex" && field.name === "profile_id") return profileIdScalar;
  if (field.enum !== undefined) {
    return enumScalar(new Map(field.enum.values.map(({ name, number }) => [name, number])));
  }
  return field.scalar === undefined ? undefined : scalars[field.scalar];
}
