import { create, toBinary } from "@bufbuild/protobuf";
import { type AnyValue, KeyValueSchema } from "../../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { FINGERPRINT_BOOL, FINGERPRINT_DOUBLE, FINGERPRINT_OTHER } from "../../../otlp/scan/layout.ts";

/** What an attribute leaves in the fingerprint of its item: FINGERPRINT_* bits, and eight bytes of which another bit is made. */
export type FingerprintMark = readonly [kind: bigint, tail: bigint];

const utf8 = new TextEncoder();
const tailBytes = 8;
const [smallestInt, largestInt] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * The marks of all attributes with this key that are shown as this text: see `otlp/scan/assembly/fingerprint.ts`. Those that
 * set all bits need none. Empty when there are too many.
 */
export function attributeMarks(key: string, text: string): readonly FingerprintMark[] {
  // Many doubles are not a number.
  if (text === "NaN") return [];
  const ofValues = valuesShownAs(text).flatMap(([kind, value]) =>
    markOf(kind, toBinary(KeyValueSchema, create(KeyValueSchema, { key, value: { value } }))),
  );
  // In a KeyValue the tag and the length of the key, a byte each, come before it.
  const start = utf8.encode(`\n?${key}`);
  start[1] = start.byteLength - 2;
  return [...ofValues, ...markOf(FINGERPRINT_OTHER, start)];
}

function markOf(kind: number, bytes: Uint8Array): FingerprintMark[] {
  if (bytes.byteLength < tailBytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [[BigInt(kind), view.getBigUint64(bytes.byteLength - tailBytes, true)]];
}

/** The strings, bools, ints and doubles that `fromAnyValue` and `attributeText` make this text of. */
function valuesShownAs(text: string): (readonly [kind: number, value: AnyValue["value"]])[] {
  const values: (readonly [number, AnyValue["value"]])[] = [[0, { case: "stringValue", value: text }]];
  if (text === "true" || text === "false") {
    values.push([FINGERPRINT_BOOL, { case: "boolValue", value: text === "true" }]);
  }
  if (/^-?[0-9]{1,19}$/.test(text)) {
    const value = BigInt(text);
    if (value >= smallestInt && value <= largestInt) values.push([0, { case: "intValue", value }]);
  }
  const number = Number(text);
  if (String(number) === text) {
    values.push([FINGERPRINT_DOUBLE, { case: "doubleValue", value: number }]);
    if (number === 0) values.push([FINGERPRINT_DOUBLE, { case: "doubleValue", value: -0 }]);
  }
  return values;
}
