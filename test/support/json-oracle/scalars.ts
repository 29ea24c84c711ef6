import { ScalarType } from "@bufbuild/protobuf";
import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Json } from "./parse-json.ts";

/** How one scalar type is read from JSON and written in protobuf. */
export interface Scalar<Value = unknown> {
  /** Completes "must be ...". */
  readonly expected: string;
  /** The value that stands for one that is not set. */
  readonly unset: Value;
  /** Undefined when the JSON value does not fit the type. */
  parse(json: Json): Value | undefined;
  /** Writes the value without a tag. */
  write(writer: BinaryWriter, value: Value): void;
}

/** Each digit can be matched in one way only, so that matching takes linear time. */
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

const double: Scalar<number> = {
  expected: 'a number, "NaN", "Infinity" or "-Infinity"',
  unset: 0,
  parse(json) {
    return json === "NaN" || json === "Infinity" || json === "-Infinity" ? Number(json) : numberOf(json);
  },
  write: (writer, value) => writer.double(value),
};

const bytes: Scalar<Uint8Array> = {
  expected: "a base64 string",
  unset: new Uint8Array(),
  parse: (json) => (typeof json === "string" && isBase64(json) ? Buffer.from(json, "base64") : undefined),
  write: (writer, value) => writer.bytes(value),
};

const int32 = signed32((writer, value) => writer.int32(value));

/** ProtoJSON (protobuf.dev/programming-guides/json): numbers may be strings; 64-bit integers keep all digits. */
export const scalars: Readonly<Partial<Record<ScalarType, Scalar>>> = {
  [ScalarType.STRING]: {
    expected: "a string",
    unset: "",
    parse: (json) => (typeof json === "string" ? json : undefined),
    write: (writer, value: string) => writer.string(value),
  } satisfies Scalar<string>,
  [ScalarType.BOOL]: {
    expected: "true or false",
    unset: false,
    parse: (json) => (typeof json === "boolean" ? json : undefined),
    write: (writer, value: boolean) => writer.bool(value),
  } satisfies Scalar<boolean>,
  [ScalarType.DOUBLE]: double,
  [ScalarType.BYTES]: bytes,
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: signed32((writer, value) => writer.sint32(value)),
  [ScalarType.UINT32]: unsigned32((writer, value) => writer.uint32(value)),
  [ScalarType.FIXED32]: unsigned32((writer, value) => writer.fixed32(value)),
  [ScalarType.INT64]: signed64((writer, value) => writer.int64(value)),
  [ScalarType.SFIXED64]: signed64((writer, value) => writer.sfixed64(value)),
  [ScalarType.UINT64]: unsigned64((writer, value) => writer.uint64(value)),
  [ScalarType.FIXED64]: unsigned64((writer, value) => writer.fixed64(value)),
};

/** Trace and span ids are hex in OTLP/JSON (OTLP 1.11, "JSON Protobuf Encoding"), in any letter case. */
export const hexIdScalar: Scalar<Uint8Array> = {
  expected: "a hex string",
  unset: bytes.unset,
  parse: (json) => (typeof json === "string" && isHex(json) ? Buffer.from(json, "hex") : undefined),
  write: bytes.write,
};

/** The specification does not list profile ids as hex, but the Collector writes them so: both are accepted. */
export const profileIdScalar: Scalar<Uint8Array> = {
  expected: "a base64 string or 32 hex digits",
  unset: bytes.unset,
  parse: (json) =>
    typeof json === "string" && json.length === 32 && isHex(json)
      ? hexIdScalar.parse(json)
      : bytes.parse(json),
  write: bytes.write,
};

/**
 * OTLP/JSON writes enums as numbers, and unknown ones are accepted. Names are accepted too, because generic
 * ProtoJSON writers use them.
 */
export function enumScalar(numbers: ReadonlyMap<string, number>): Scalar {
  return {
    ...int32,
    expected: "an enum value's number or name",
    parse: (json) => int32.parse(typeof json === "string" ? (numbers.get(json) ?? json) : json),
  };
}

/** A JSON number, or a string that holds one, as the nearest double. */
export function numberOf(json: Json): number | undefined {
  switch (typeof json) {
    case "number":
      return json;
    case "bigint":
      return Number(json);
    case "string":
      return decimal.test(json) ? Number(json) : undefined;
    default:
      return undefined;
  }
}

function signed32(write: (writer: BinaryWriter, value: number) => void): Scalar<number> {
  return integer(-(2 ** 31), 2 ** 31 - 1, write);
}

function unsigned32(write: (writer: BinaryWriter, value: number) => void): Scalar<number> {
  return integer(0, 2 ** 32 - 1, write);
}

function integer(
  min: number,
  max: number,
  write: (writer: BinaryWriter, value: number) => void,
): Scalar<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    unset: 0,
    parse(json) {
      const number = typeof json === "bigint" ? undefined : numberOf(json);
      const fits = number !== undefined && Number.isInteger(number) && number >= min && number <= max;
      return fits ? number : undefined;
    },
    write,
  };
}

function signed64(write: (writer: BinaryWriter, value: bigint) => void): Scalar<bigint> {
  return longInteger(-(2n ** 63n), 2n ** 63n - 1n, write);
}

function unsigned64(write: (writer: BinaryWriter, value: bigint) => void): Scalar<bigint> {
  return longInteger(0n, 2n ** 64n - 1n, write);
}

function longInteger(
  min: bigint,
  max: bigint,
  write: (writer: BinaryWriter, value: bigint) => void,
): Scalar<bigint> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    unset: 0n,
    parse(json) {
      const number = bigintOf(json);
      return number !== undefined && number >= min && number <= max ? number : undefined;
    },
    write,
  };
}

function bigintOf(json: Json): bigint | undefined {
  if (typeof json === "bigint") return json;
  // A string of digits keeps all of them; any other form, such as "1e3", goes through a double.
  if (typeof json === "string" && /^-?\d{1,20}$/.test(json)) return BigInt(json);
  const number = numberOf(json);
  return Number.isInteger(number) ? BigInt(number as number) : undefined;
}

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text);
}

/** Base64 of either alphabet (RFC 4648, sections 4 and 5), with or without padding. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;
}
