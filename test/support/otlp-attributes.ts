import { create } from "@bufbuild/protobuf";
import type { KeyValue } from "../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { KeyValueSchema } from "../../gen/opentelemetry/proto/common/v1/common_pb.ts";

/** Attributes as plain values. A number with a fraction is a double, any other an int. */
export type AttributeValues = Readonly<Record<string, string | number | bigint | boolean | Uint8Array>>;

/** Converts plain values to OTLP attributes. */
export function makeAttributes(values: AttributeValues): KeyValue[] {
  return Object.entries(values).map(([key, value]) =>
    create(KeyValueSchema, { key, value: { value: anyValue(value) } }),
  );
}

/** The first `count` of the values, followed by made-up ones when there are too few. */
export function firstEntries(count: number, values: AttributeValues): AttributeValues {
  const entries = Object.entries(values).slice(0, count);
  for (let index = entries.length; index < count; index++)
    entries.push([`app.attribute.${index}`, `value ${index}`]);
  return Object.fromEntries(entries);
}

/** The `value` member of an AnyValue. */
export function anyValue(value: AttributeValues[string]) {
  if (typeof value === "string") return { case: "stringValue", value } as const;
  if (typeof value === "boolean") return { case: "boolValue", value } as const;
  if (value instanceof Uint8Array) return { case: "bytesValue", value: Uint8Array.from(value) } as const;
  if (typeof value === "number" && !Number.isInteger(value)) return { case: "doubleValue", value } as const;
  return { case: "intValue", value: BigInt(value) } as const;
}
