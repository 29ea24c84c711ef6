import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { WireType } from "@bufbuild/protobuf/wire";
import { wireTypeOf } from "../wire/wire-type.ts";
import { type WriteScalar, writeHexId, writeProfileId, writeScalars } from "./scalars.ts";

/** How to write one field from JSON. */
export interface FieldPlan {
  readonly number: number;
  /** The lowerCamelCase name of ProtoJSON. Errors use it too. */
  readonly name: string;
  readonly isList: boolean;
  /** Set for a list of numbers, which is encoded as one packed value. */
  readonly isPacked: boolean;
  readonly wireType: WireType;
  /** Set when the field holds messages; otherwise `write` is set. */
  readonly message: MessagePlan | undefined;
  readonly write: WriteScalar | undefined;
  /** The name of the oneof that the field belongs to; one member of it can be set. */
  readonly oneof: string | undefined;
  readonly isDouble: boolean;
}

/** Fields by their JSON name and by their name in the .proto file (ProtoJSON: parsers accept both). */
export type MessagePlan = ReadonlyMap<string, FieldPlan>;

const plans = new Map<string, Map<string, FieldPlan>>();

/** The plan of a message; made once and kept. */
export function planOf(message: DescMessage): MessagePlan {
  const known = plans.get(message.typeName);
  if (known !== undefined) return known;
  const plan = new Map<string, FieldPlan>();
  // Registered before its fields are planned: AnyValue contains itself.
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

/**
 * OTLP/JSON writes enums as numbers, and unknown ones are accepted. Names are accepted too, because generic
 * ProtoJSON writers use them.
 */
function writeEnum({ values }: DescEnum): WriteScalar {
  const numbers = new Map(values.map(({ name, number }) => [name, number]));
  const writeNumber = writeScalars[ScalarType.INT32];
  return (writer, value) => {
    const number = typeof value === "string" ? (numbers.get(value) ?? value) : value;
    return writeNumber?.(writer, number) === undefined ? undefined : "an enum value's number or name";
  };
}
