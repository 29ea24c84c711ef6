import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  FunctionSchema,
  KeyValueAndUnitSchema,
  MappingSchema,
  ProfilesDictionarySchema,
} from "../../../../gen/opentelemetry/proto/profiles/v1development/profiles_pb.ts";
import { forEachInt, ProfileDictionary } from "../../../../src/otlp/decode/profile-dictionary.ts";
import { calibration, inOneStep, longestStep } from "../../../support/step-times.ts";
import { varint } from "../../../support/wire.ts";

/** 200,000 times a field that OTLP does not define: a varint of field 100. */
const unknown = Array.from({ length: 200_000 }, () => ({
  no: 100,
  wireType: 0,
  data: new Uint8Array([1]),
}));

const count = 500;
const indices = Array.from({ length: count }, (_, i) => i + 1);

/** Each location of one stack refers to one long function, or where it has none, to one long mapping. */
function dictionaryOf(kind: "function" | "mapping") {
  const ofFunction = create(FunctionSchema, { nameStrindex: 1 });
  const mapping = create(MappingSchema, { filenameStrindex: 1 });
  ofFunction.$unknown = mapping.$unknown = unknown;
  const location = kind === "function" ? { lines: [{ functionIndex: 1 }] } : { mappingIndex: 1, address: 1n };
  return new ProfileDictionary(
    toBinary(
      ProfilesDictionarySchema,
      create(ProfilesDictionarySchema, {
        stringTable: ["", "shop"],
        functionTable: [{}, ofFunction],
        mappingTable: [{}, mapping],
        locationTable: [{}, ...indices.map(() => location)],
        stackTable: [{}, { locationIndices: indices }],
      }),
    ),
  );
}

describe("the dictionary of profiles", () => {
  for (const [kind, frame] of [
    ["function", { id: 0, name: "shop", file: "" }],
    ["mapping", { id: 0, name: "0x1", file: "shop" }],
  ] as const) {
    test(`a long ${kind} to which all frames of a stack refer is read once`, () => {
      const frames = dictionaryOf(kind).stack(1);
      assert.deepEqual([frames.length, frames[count - 1]], [count, frame]);
      const took = longestStep(() => {
        const dictionary = dictionaryOf(kind);
        return inOneStep(() => dictionary.stack(1));
      });
      assert.ok(took < calibration(), `${took} ms`);
    });
  }

  test("a long attribute to which a profile refers many times is read once", () => {
    const attribute = create(KeyValueAndUnitSchema, {
      keyStrindex: 1,
      value: { value: { case: "intValue", value: 7n } },
    });
    attribute.$unknown = unknown;
    const tables = toBinary(
      ProfilesDictionarySchema,
      create(ProfilesDictionarySchema, { stringTable: ["", "shop"], attributeTable: [{}, attribute] }),
    );
    assert.deepEqual(new ProfileDictionary(tables).attribute(1), ["shop", 7]);
    const took = longestStep(() => {
      const dictionary = new ProfileDictionary(tables);
      return inOneStep(() => {
        for (let i = 0; i < count; i++) dictionary.attribute(1);
      });
    });
    assert.ok(took < calibration(), `${took} ms`);
  });
});

describe("the numbers of a field", () => {
  /** As varints. */
  const packed = (numbers: readonly number[]) =>
    Uint8Array.from(numbers.flatMap((number) => [...varint(BigInt.asUintN(64, BigInt(number)))]));
  const visited = (bytes: Uint8Array, most = Number.POSITIVE_INFINITY) => {
    const seen: number[] = [];
    const all = forEachInt(bytes, { valueAt: 0, end: bytes.length }, (value) => {
      seen.push(value);
      return seen.length < most;
    });
    return { seen, all };
  };

  test("are visited in order, also negative ones, which take ten bytes", () => {
    const numbers = [0, 1, 127, 128, 300, 2 ** 31 - 1, -1, -(2 ** 31)];
    assert.deepEqual(visited(packed(numbers)), { seen: numbers, all: true });
  });

  test("are visited until the visitor has enough", () => {
    assert.deepEqual(visited(packed([5, 600, 7]), 2), { seen: [5, 600], all: false });
  });

  test("are none where there are no bytes, or where a number does not end", () => {
    assert.deepEqual(visited(new Uint8Array()), { seen: [], all: true });
    assert.deepEqual(visited(Uint8Array.of(3, 0x80)), { seen: [3], all: true });
  });

  test("are those of the field alone", () => {
    const seen: number[] = [];
    forEachInt(packed([1, 2, 3, 4]), { valueAt: 1, end: 3 }, (value) => seen.push(value) > 0);
    assert.deepEqual(seen, [2, 3]);
  });
});
