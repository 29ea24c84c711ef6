import { WireType } from "@bufbuild/protobuf/wire";

// Hand-made protobuf, for requests that no encoder would write.

/** A field that holds bytes or a message: tag, length, value. */
export function lengthDelimited(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = Buffer.concat(parts);
  return Buffer.concat([tag(field, WireType.LengthDelimited), varint(value.byteLength), value]);
}

export function fixed64(field: number, value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([tag(field, WireType.Bit64), bytes]);
}

export function varintField(field: number, value: number | bigint): Uint8Array {
  return Buffer.concat([tag(field, WireType.Varint), varint(value)]);
}

export function tag(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) + 128);
    rest >>= 7n;
  }
  return Uint8Array.of(...bytes, Number(rest));
}

export const traceIdBytes: Uint8Array = Buffer.from("5b8efff798038103d269b633813fc60c", "hex");
export const spanIdBytes: Uint8Array = Buffer.from("eee19b7ec3c1b174", "hex");

/** The fields that a span must have. */
export const validSpanFields: Uint8Array = Buffer.concat([
  lengthDelimited(1, traceIdBytes),
  lengthDelimited(2, spanIdBytes),
]);

/** An ExportTraceServiceRequest with one resource and one scope that hold these spans. */
export function traceRequest(...spans: readonly Uint8Array[]): Uint8Array {
  const scopeSpans = lengthDelimited(2, ...spans.map((span) => lengthDelimited(2, span)));
  return lengthDelimited(1, scopeSpans);
}
