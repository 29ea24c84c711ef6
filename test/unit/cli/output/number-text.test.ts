import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { numberText, percentText } from "../../../../src/cli/output/number-text.ts";

describe("a number is printed so that it reads back as the same number:", () => {
  for (const [value, text] of [
    [1_000_204_886_016, "1000204886016"],
    [2 ** 53 - 1, "9007199254740991"],
    [-(2 ** 53), "-9007199254740992"],
    [2n ** 63n - 1n, "9223372036854775807"],
    [0.1 + 0.2, "0.30000000000000004"],
    [123_456_789_012_345.67, "123456789012345.67"],
    [Number.MIN_VALUE, "5e-324"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
    [-0, "-0"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ] as const) {
    test(`a number is printed so that it reads back as the same number: ${text}`, () => {
      assert.equal(numberText(value), text);
      if (typeof value === "number") assert.ok(Object.is(Number(text), value));
    });
  }
});

describe("a fraction is printed in percent without rounding errors:", () => {
  for (const [fraction, text] of [
    [0, "0"],
    [0.57, "57"],
    [0.29, "29"],
    [0.999, "99.9"],
    [0.99999, "99.999"],
    [1, "100"],
    [1e-9, "1e-7"],
    [Number.NaN, "NaN"],
  ] as const) {
    test(`the fraction ${fraction} is printed as ${text} %`, () => assert.equal(percentText(fraction), text));
  }
});
