import { base64Encode } from "@bufbuild/protobuf/wire";
import type { AnyValue, KeyValue } from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import type { Attributes, AttributeValue } from "../../domain/telemetry.ts";

/** The integers in [-2^53, 2^53] are those that a JSON number holds without a loss. */
const exactIntLimit = 2n ** 53n;

/**
 * A value as JSON can show it: an int64 beyond 2^53 becomes a decimal string, bytes become base64, NaN
 * and the infinities become "NaN", "Infinity" and "-Infinity", a value that is not set becomes null.
 */
export function fromAnyValue(any: AnyValue | undefined): AttributeValue {
  if (any === undefined) {
    return null;
  }
  const { value } = any;
  switch (value.case) {
    case "stringValue":
    case "boolValue":
      return value.value;
    case "intValue":
      return fromInt64(value.value);
    case "doubleValue":
      return Number.isFinite(value.value) ? value.value : String(value.value);
    case "arrayValue":
      return value.value.values.map(fromAnyValue);
    case "kvlistValue":
      return fromKeyValues(value.value.values);
    case "bytesValue":
      return base64Encode(value.value);
    case "stringValueStrindex": // The string table that it points into exists in profiles alone.
    case undefined:
      return null;
  }
}

/** Attributes as an object. Of duplicate keys the last wins. */
export function fromKeyValues(pairs: readonly KeyValue[]): Attributes {
  const attributes: Record<string, AttributeValue> = {};
  for (const { key, value } of pairs) {
    if (key === "__proto__") {
      // An assignment would set the prototype and lose the attribute.
      Object.defineProperty(attributes, key, {
        value: fromAnyValue(value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else {
      attributes[key] = fromAnyValue(value);
    }
  }
  return attributes;
}

function fromInt64(value: bigint): number | string {
  return value >= -exactIntLimit && value <= exactIntLimit ? Number(value) : value.toString();
}
