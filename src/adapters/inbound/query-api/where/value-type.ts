import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { DurationSchema, StructSchema, TimestampSchema, ValueSchema } from "@bufbuild/protobuf/wkt";

/** What is known of a value before there is an item. `any` is a value of which only the item tells the type. */
export type ValueType =
  | { readonly kind: SimpleKind }
  | { readonly kind: "list"; readonly element: ValueType }
  | { readonly kind: "object"; readonly message: DescMessage };

export type SimpleKind =
  | "any"
  | "bool"
  | "int"
  | "uint"
  | "double"
  | "string"
  | "null"
  | "timestamp"
  | "duration"
  | "map";

export const anyType: ValueType = { kind: "any" };

/** The type of a field of an item, as `item-values.ts` makes its value. */
export function typeOfField(field: DescField): ValueType {
  return field.fieldKind === "list" ? { kind: "list", element: typeOfOne(field) } : typeOfOne(field);
}

function typeOfOne(field: DescField): ValueType {
  if (field.enum !== undefined) return { kind: "string" };
  if (field.message !== undefined) return typeOfMessage(field.message);
  switch (field.scalar) {
    case ScalarType.STRING:
      return { kind: "string" };
    case ScalarType.BOOL:
      return { kind: "bool" };
    case ScalarType.DOUBLE:
      return { kind: "double" };
    default:
      return { kind: "int" };
  }
}

function typeOfMessage(message: DescMessage): ValueType {
  switch (message.typeName) {
    case TimestampSchema.typeName:
      return { kind: "timestamp" };
    case DurationSchema.typeName:
      return { kind: "duration" };
    case StructSchema.typeName:
      return { kind: "map" };
    case ValueSchema.typeName:
      return anyType;
    default:
      return { kind: "object", message };
  }
}

const numbers: readonly string[] = ["int", "uint", "double"];
const ordered: readonly string[] = [...numbers, "bool", "string", "timestamp", "duration"];

export function isNumber({ kind }: ValueType): boolean {
  return numbers.includes(kind);
}

/** Whether two values can be equal. */
export function areComparable(a: ValueType, b: ValueType): boolean {
  if (a.kind === "any" || b.kind === "any" || a.kind === "null" || b.kind === "null") return true;
  return kindIn(a) === kindIn(b) || (isNumber(a) && isNumber(b));
}

/** Whether `<` and its like take two values. */
export function areOrdered(a: ValueType, b: ValueType): boolean {
  return areComparable(a, b) && [a, b].every(({ kind }) => kind === "any" || ordered.includes(kind));
}

/** An object is a map whose keys are known. */
function kindIn({ kind }: ValueType): string {
  return kind === "object" ? "map" : kind;
}

export function nameOfType({ kind }: ValueType): string {
  if (kind === "any") return "a value of any type";
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
