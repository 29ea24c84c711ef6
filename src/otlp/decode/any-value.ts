import { base64Encode } from "@bufbuild/protobuf/wire";
import type { AnyValue, KeyValue } from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import type { Attributes, AttributeValue } from "../../domain/telemetry.ts";

/** A JSON number holds every integer in [-2^53, 2^53] exactly. */
const exactIntLimit = 2n ** 53n;

/**
 * An OTLP value as JSON: an int64 beyond 2^53 becomes a decimal string, bytes become base64, NaN and the
 * infinities become the strings "NaN", "Infinity" and "-Infinity", a value that is not set becomes null.
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
    case "stringValueStrindex": // An index into the string table of profiles; other signals have no such table.
    case undefined:
      return null;
  }
}

/** Attributes as an object. The last of several attributes with the same key wins. */
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
