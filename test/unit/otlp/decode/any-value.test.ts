import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AnyValueSchema, KeyValueSchema } from "../../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import type { AttributeValue } from "../../../../src/domain/telemetry.ts";
import { fromAnyValue, fromKeyValues } from "../../../../src/otlp/decode/any-value.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";

type Value = MessageInitShape<typeof AnyValueSchema>["value"];

const int = (value: bigint): Value => ({ case: "intValue", value });
const double = (value: number): Value => ({ case: "doubleValue", value });
const bytes = (...value: number[]): Value => ({ case: "bytesValue", value: Uint8Array.from(value) });

describe("fromAnyValue", () => {
  for (const [why, value, expected] of [
    ["a string", { case: "stringValue", value: "x" }, "x"],
    ["an empty string", { case: "stringValue", value: "" }, ""],
    ["true", { case: "boolValue", value: true }, true],
    ["false", { case: "boolValue", value: false }, false],
    ["an int", int(-42n), -42],
    ["2^53", int(2n ** 53n), 9_007_199_254_740_992],
    ["2^53 + 1", int(2n ** 53n + 1n), "9007199254740993"],
    ["-2^53", int(-(2n ** 53n)), -9_007_199_254_740_992],
    ["-2^53 - 1", int(-(2n ** 53n) - 1n), "-9007199254740993"],
    ["the largest int64", int(2n ** 63n - 1n), "9223372036854775807"],
    ["the smallest int64", int(-(2n ** 63n)), "-9223372036854775808"],
    ["a double", double(0.5), 0.5],
    ["a large double", double(1e300), 1e300],
    ["NaN", double(Number.NaN), "NaN"],
    ["infinity", double(Number.POSITIVE_INFINITY), "Infinity"],
    ["minus infinity", double(Number.NEGATIVE_INFINITY), "-Infinity"],
    ["bytes", bytes(0xff, 0xfe, 0xfd), "//79"],
    ["padded bytes", bytes(1), "AQ=="],
    ["no bytes", bytes(), ""],
    ["a reference into a string table", { case: "stringValueStrindex", value: 3 }, null],
    ["a value that is not set", { case: undefined }, null],
    ["an empty array", { case: "arrayValue", value: {} }, []],
    ["an empty list of pairs", { case: "kvlistValue", value: {} }, {}],
    [
      "nested arrays and lists of pairs",
      {
        case: "arrayValue",
        value: {
          values: [
            { value: int(1n) },
            {},
            { value: { case: "arrayValue", value: { values: [{ value: double(Number.NaN) }] } } },
            {
              value: {
                case: "kvlistValue",
                value: { values: [{ key: "a", value: { value: bytes(1) } }, { key: "b" }] },
              },
            },
          ],
        },
      },
      [1, null, ["NaN"], { a: "AQ==", b: null }],
    ],
  ] as [string, Value, AttributeValue][]) {
    it(`an AnyValue of ${why} is shown as ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(fromAnyValue(create(AnyValueSchema, { value: value as never })), expected);
    });
  }

  it("an absent AnyValue is shown as null", () => {
    assert.equal(fromAnyValue(undefined), null);
  });
});

describe("fromKeyValues", () => {
  it("the last of several attributes with one key is used", () => {
    const pairs = [...makeAttributes({ a: 1, b: 2 }), ...makeAttributes({ a: "last" })];
    assert.deepEqual(fromKeyValues(pairs), { a: "last", b: 2 });
  });

  it("attributes may have the names of Object.prototype's members", () => {
    const keys = ["__proto__", "constructor", "toString", "hasOwnProperty", ""];
    const pairs = keys.flatMap((key) => [
      create(KeyValueSchema, { key, value: { value: { case: "stringValue", value: "first" } } }),
      create(KeyValueSchema, { key, value: { value: { case: "kvlistValue", value: {} } } }),
    ]);
    const attributes = fromKeyValues(pairs);
    assert.deepEqual(Object.keys(attributes), keys);
    assert.equal(Object.getPrototypeOf(attributes), Object.prototype);
    assert.deepEqual(
      JSON.parse(JSON.stringify(attributes)),
      JSON.parse(`{"__proto__":{},"constructor":{},"toString":{},"hasOwnProperty":{},"":{}}`),
    );
    assert.equal(({} as Record<string, unknown>).first, undefined);
  });

  it("a nested attribute __proto__ does not change a prototype", () => {
    const inner = { values: makeAttributes({ polluted: true }) };
    const pair = create(KeyValueSchema, {
      key: "__proto__",
      value: { value: { case: "kvlistValue", value: inner } },
    });
    const attributes = fromKeyValues([pair]);
    assert.equal("polluted" in attributes, false);
    assert.equal("polluted" in {}, false);
    assert.equal(JSON.stringify(attributes), '{"__proto__":{"polluted":true}}');
  });
});
