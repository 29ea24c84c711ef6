import { ScalarType } from "@bufbuild/protobuf";
import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Json } from "./parse-json.ts";

/** Checks a value of one scalar type and writes it. A returned string says what the value should be instead. */
export type WriteScalar = (writer: BinaryWriter, value: Json) => string | undefined;

const min32 = -(2 ** 31);
const max32 = 2 ** 31 - 1;
const maxU32 = 2 ** 32 - 1;
const min64 = -(2n ** 63n);
const max64 = 2n ** 63n - 1n;
const maxU64 = 2n ** 64n - 1n;

/** ProtoJSON (protobuf.dev/programming-guides/json): numbers may be strings; 64-bit integers keep all digits. */
export const writeScalars: Readonly<Record<number, WriteScalar>> = {
  [ScalarType.STRING]: (writer, value) => {
    if (typeof value !== "string") return "a string";
    writer.string(value);
    return undefined;
  },
  [ScalarType.BOOL]: (writer, value) => {
    if (typeof value !== "boolean") return "true or false";
    writer.bool(value);
    return undefined;
  },
  [ScalarType.DOUBLE]: (writer, value) => {
    const double = toDouble(value);
    if (double === undefined) return 'a number, "NaN", "Infinity" or "-Infinity"';
    writer.double(double);
    return undefined;
  },
  [ScalarType.INT32]: int32((writer, value) => writer.int32(value)),
  [ScalarType.SINT32]: int32((writer, value) => writer.sint32(value)),
  [ScalarType.UINT32]: whole(0, maxU32, (writer, value) => writer.uint32(value)),
  [ScalarType.FIXED32]: whole(0, maxU32, (writer, value) => writer.fixed32(value)),
  [ScalarType.INT64]: long(min64, max64, (writer, value) => writer.int64(value)),
  [ScalarType.SFIXED64]: long(min64, max64, (writer, value) => writer.sfixed64(value)),
  [ScalarType.UINT64]: long(0n, maxU64, (writer, value) => writer.uint64(value)),
  [ScalarType.FIXED64]: long(0n, maxU64, (writer, value) => writer.fixed64(value)),
  [ScalarType.BYTES]: (writer, value) => {
    if (typeof value !== "string" || !isBase64(value)) return "a base64 string";
    writer.bytes(Buffer.from(value, "base64"));
    return undefined;
  },
};

/** Trace and span ids are hex in OTLP/JSON (OTLP 1.11, "JSON Protobuf Encoding"), in any letter case. */
export const writeHexId: WriteScalar = (writer, value) => {
  if (typeof value !== "string" || !isHex(value)) return "a hex string";
  writer.bytes(Buffer.from(value, "hex"));
  return undefined;
};

/** The specification does not list profile ids as hex, but the Collector writes them so: both are accepted. */
export const writeProfileId: WriteScalar = (writer, value) => {
  const isId = typeof value === "string" && value.length === 32 && isHex(value);
  return isId ? writeHexId(writer, value) : writeScalars[ScalarType.BYTES]?.(writer, value);
};

function int32(write: (writer: BinaryWriter, value: number) => void): WriteScalar {
  return whole(min32, max32, write);
}

function whole(min: number, max: number, write: (writer: BinaryWriter, value: number) => void): WriteScalar {
  return (writer, value) => {
    const number = typeof value === "string" && decimal.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isInteger(number) || number < min || number > max) {
      return `a whole number from ${min} to ${max}`;
    }
    write(writer, number);
    return undefined;
  };
}

function long(min: bigint, max: bigint, write: (writer: BinaryWriter, value: bigint) => void): WriteScalar {
  return (writer, value) => {
    const number = toBigInt(value);
    if (number === undefined || number < min || number > max) return `a whole number from ${min} to ${max}`;
    write(writer, number);
    return undefined;
  };
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function toBigInt(value: Json): bigint | undefined {
  switch (typeof value) {
    case "bigint":
      return value;
    case "string":
      if (/^-?\d{1,20}$/.test(value)) return BigInt(value);
      return decimal.test(value) ? toBigInt(Number(value)) : undefined;
    case "number":
      return Number.isInteger(value) ? BigInt(value) : undefined;
    default:
      return undefined;
  }
}

function toDouble(value: Json): number | undefined {
  switch (typeof value) {
    case "number":
      return value;
    case "bigint":
      return Number(value);
    case "string":
      return value === "NaN" || value === "Infinity" || value === "-Infinity" || decimal.test(value)
        ? Number(value)
        : undefined;
    default:
      return undefined;
  }
}

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text);
}

/** Base64 of either alphabet (RFC 4648, sections 4 and 5), with or without padding. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;
}
