import { type DescField, type DescMessage, type Message, ScalarType, toJson } from "@bufbuild/protobuf";
import {
  DurationSchema,
  StructSchema,
  TimestampSchema,
  type Value,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";

/*
 * Items as expressions see them: the fields of the API's JSON, by their names there. Times and durations are those of
 * CEL, enums are the names of their values, integers of any size are ints, and so are whole numbers in attributes. What
 * JSON leaves out is missing.
 */

/** Of a longer text only the beginning is seen, because the time of an expression grows with it. */
export const maxTextLength = 16_384;

/** What the library takes: its own type for inputs does not know maps of plain values. */
export type ItemValue = unknown;

/** Undefined when the item does not have the field. */
export function fieldValue(field: DescField, message: Message): ItemValue {
  const fields = message as unknown as Record<string, unknown>;
  const { oneof } = field;
  if (oneof !== undefined) {
    const member = fields[oneof.localName] as { readonly case?: string; readonly value?: unknown };
    return member.case === field.localName ? presentValue(field, member.value) : undefined;
  }
  const value = fields[field.localName];
  return value === undefined ? undefined : presentValue(field, value);
}

function presentValue(field: DescField, value: unknown): ItemValue {
  switch (field.fieldKind) {
    case "list":
      return (value as unknown[]).map((element) => {
        if (field.listKind === "message") return messageValue(field.message, element);
        return field.listKind === "enum" ? enumValue(field, element) : scalarValue(field.scalar, element);
      });
    case "message":
      return messageValue(field.message, value);
    case "enum":
      return enumValue(field, value);
    case "scalar":
      return scalarValue(field.scalar, value);
    case "map":
      throw new Error(`items have no maps, but ${field.name} is one`);
  }
}

function messageValue(schema: DescMessage, value: unknown): ItemValue {
  switch (schema.typeName) {
    case TimestampSchema.typeName:
    case DurationSchema.typeName:
      return value;
    case StructSchema.typeName:
      return jsonValue(value);
    case ValueSchema.typeName:
      return jsonValue(toJson(ValueSchema, value as Value));
    default: {
      const fields = new Map<string, ItemValue>();
      for (const field of schema.fields) {
        const member = fieldValue(field, value as Message);
        if (member !== undefined) fields.set(field.jsonName, member);
      }
      return fields;
    }
  }
}

/** A value that OTLP does not define is a number, as in JSON. */
function enumValue(field: DescField, value: unknown): ItemValue {
  return field.enum?.value[value as number]?.name ?? BigInt(value as number);
}

function scalarValue(scalar: ScalarType, value: unknown): ItemValue {
  switch (scalar) {
    case ScalarType.STRING:
      return cut(value as string);
    case ScalarType.BOOL:
    case ScalarType.DOUBLE:
      return value;
    default:
      return BigInt(value as number | bigint);
  }
}

function jsonValue(value: unknown): ItemValue {
  if (typeof value === "string") return cut(value);
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== "object" || value === null) return value;
  const members = new Map<string, ItemValue>();
  for (const [key, member] of Object.entries(value)) members.set(key, jsonValue(member));
  return members;
}

function cut(text: string): string {
  return text.length > maxTextLength ? text.slice(0, maxTextLength) : text;
}
