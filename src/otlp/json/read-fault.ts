import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { type Signal, signalTraits } from "../../domain/signal.ts";
import { MAX_DEPTH } from "../scan/layout.ts";
import { type IdEncoding, isProfileId, isTraceOrSpanId, misreadHexBytes } from "./id-fields.ts";
import * as layout from "./reader-layout.ts";

/** What is wrong with the value of a field, as a predicate: "must be a string". */
export function describeFault(
  code: number,
  field: DescField | undefined,
  signal: Signal,
  ids: IdEncoding,
): string {
  switch (code) {
    case layout.FAULT_NO_ARRAY:
      return "must be an array";
    case layout.FAULT_DEPTH:
      return `is nested deeper than ${MAX_DEPTH} messages`;
    case layout.FAULT_SECOND_MEMBER:
      return `is set beside another member of ${field?.oneof?.name}`;
    case layout.FAULT_UNFIT:
      return `must be ${field === undefined ? "" : expectationOf(field, ids)}`;
    case layout.FAULT_HALF_PAIR:
      return "has half of a surrogate pair, kept as U+FFFD";
    case layout.FAULT_MISREAD_HEX: {
      const bytes = field === undefined ? 0 : misreadHexBytes(field);
      const { httpPath } = signalTraits[signal];
      const hint = `this method takes protobuf's JSON, OTLP/JSON with hex ids goes to ${httpPath}`;
      return `has ${bytes} bytes, as hex read as base64 has: ${hint}`;
    }
    default:
      return "must be an object";
  }
}

/** The values that a field of a scalar or an enum takes, in words. */
export function expectationOf(field: DescField, ids: IdEncoding): string {
  if (field.enum !== undefined) return "an enum value's number or name";
  if (ids === "hex" && isTraceOrSpanId(field)) return "a hex string";
  if (ids === "hex" && isProfileId(field)) return "a base64 string or 32 hex digits";
  switch (field.scalar) {
    case ScalarType.STRING:
      return "a string";
    case ScalarType.BOOL:
      return "true or false";
    case ScalarType.BYTES:
      return "a base64 string";
    case ScalarType.INT32:
    case ScalarType.SINT32:
      return wholeNumber(-(2n ** 31n), 2n ** 31n - 1n);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return wholeNumber(0n, 2n ** 32n - 1n);
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
      return wholeNumber(-(2n ** 63n), 2n ** 63n - 1n);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return wholeNumber(0n, 2n ** 64n - 1n);
    default:
      return 'a number, "NaN", "Infinity" or "-Infinity"';
  }
}

function wholeNumber(min: bigint, max: bigint): string {
  return `a whole number from ${min} to ${max}`;
}
