import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { WireType } from "@bufbuild/protobuf/wire";
import { wireTypeOf } from "../wire/wire-type.ts";
import { type WriteScalar, writeHexId, writeProfileId, writeScalars } from "./scalars.ts";

/** How to write one field from JSON. */
export interface FieldPlan {
  readonly number: number;
  /** As ProtoJSON has it, and as errors name it. */
  readonly name: string;
  readonly isList: boolean;
  /** List elements of numbers are packed. */
  readonly isPacked: boolean;
  readonly wireType: WireType;
  /** Set when the field holds messages; else `write` is. */
  readonly message: MessagePlan | undefined;
  readonly write: WriteScalar | undefined;
  /** Of a oneof, of which one member can be set. */
  readonly oneof: string | undefined;
  readonly isDouble: boolean;
}

/** By JSON name and by the name in the .proto file (ProtoJSON: parsers accept both). */
export type MessagePlan = ReadonlyMap<string, FieldPlan>;

const plans = new Map<string, Map<string, FieldPlan>>();

/** Made once a message. */
export function planOf(message: DescMessage): MessagePlan {
  const known = plans.get(message.typeName);
  if (known !== undefined) return known;
  const plan = new Map<string, FieldPlan>();
  // Before its fields: AnyValue holds itself.
  plans.set(message.typeName, plan);
  for (const field of message.fields) {
    const fieldPlan = planField(field);
    plan.set(field.name, fieldPlan);
    plan.set(field.jsonName, fieldPlan);
  }
  return plan;
}

function planField(field: DescField): FieldPlan {
  return {
    number: field.number,
    name: field.jsonName,
    isList: field.fieldKind === "list",
    isPacked: field.fieldKind === "list" && field.packed,
    wireType: wireTypeOf(field),
    message: field.message === undefined ? undefined : planOf(field.message),
    write: writeOf(field),
    oneof: field.oneof?.name,
    isDouble: field.scalar === ScalarType.DOUBLE,
  };
}

function writeOf(field: DescField): WriteScalar | undefined {
  switch (field.name) {
    case "trace_id":
    case "span_id":
    case "parent_span_id":
      return writeHexId;
    case "profile_id":
      return writeProfileId;
  }
  if (field.enum !== undefined) return writeEnum(field.enum);
  return field.scalar === undefined ? undefined : writeScalars[field.scalar];
}

/** Numbers, known or not, as OTLP asks; names too, as other ProtoJSON writers have them. */
function writeEnum({ values }: DescEnum): WriteScalar {
  const numbers = new Map(values.map(({ name, number }) => [name, number]));
  const writeNumber = writeScalars[ScalarType.INT32];
  return (writer, value) => {
    const number = typeof value === "string" ? (numbers.get(value) ?? value) : value;
    return writeNumber?.(writer, number) === undefined ? undefined : "an enum value's number or name";
  };
}
