import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import fc from "fast-check";

/** Messages of a schema with any of their fields set to anything that the wire can hold. */
export function anyMessage(schema: DescMessage, levels = 8): fc.Arbitrary<Message> {
  const oneofs = new Set(schema.fields.map(({ oneof }) => oneof).filter((oneof) => oneof !== undefined));
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of schema.fields) {
    if (field.oneof === undefined) members[field.localName] = anyFieldOf(field, levels);
  }
  for (const { localName, fields } of oneofs) {
    const cases = fields.filter((field) => field.message === undefined || levels > 0);
    members[localName] = fc.oneof(
      fc.constant({ case: undefined }),
      ...cases.map((field) => anyValueOf(field, levels).map((value) => ({ case: field.localName, value }))),
    );
  }
  return fc.record(members).map((init) => create(schema, init as never));
}

/** Bytes of trace, span and profile ids by the length that they are to have. */
const idLengths: Readonly<Record<string, number>> = {
  trace_id: 16,
  span_id: 8,
  parent_span_id: 8,
  profile_id: 16,
};

function anyFieldOf(field: DescField, levels: number): fc.Arbitrary<unknown> {
  if (field.fieldKind === "list") {
    const deep = field.message !== undefined && levels === 0;
    return deep ? fc.constant([]) : fc.array(anyValueOf(field, levels), { maxLength: 2 });
  }
  if (field.fieldKind === "message") {
    // Always set: not set and empty are told apart by the bytes alone, not by the Collector's JSON.
    return levels === 0 ? fc.constant(create(field.message)) : anyValueOf(field, levels);
  }
  const isOptional = field.proto.proto3Optional;
  return isOptional ? fc.option(anyValueOf(field, levels), { nil: undefined }) : anyValueOf(field, levels);
}

function anyValueOf(field: DescField, levels: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return fc.constant(0).chain(() => anyMessage(field.message!, levels - 1));
  if (field.enum !== undefined)
    return fc.oneof(fc.constantFrom(...field.enum.values.map(({ number }) => number)), int32);
  const idLength = idLengths[field.name];
  if (idLength !== undefined) {
    const id = fc.uint8Array({ minLength: idLength, maxLength: idLength });
    return fc.oneof(
      fc.constant(new Uint8Array()),
      id.filter((bytes) => bytes.some((byte) => byte !== 0)),
    );
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return fc.string({ unit: "binary", maxLength: 8 });
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 9 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.DOUBLE:
      return fc.double();
    case ScalarType.INT32:
    case ScalarType.SINT32:
      return int32;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    case ScalarType.INT64:
    case ScalarType.SFIXED64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    default:
      throw new Error(`OTLP has no ${field.toString()}`);
  }
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
