import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { jsonFaultAt } from "../../../../src/otlp/json/json-fault.ts";

describe("a text that is not JSON has its fault at", () => {
  for (const [text, at] of [
    ["", 0],
    ["  ", 2],
    ["secret", 0],
    ["\n secret", 2],
    ['{"a":secret}', 5],
    ['{"a":1', 6],
    ['{"a"', 4],
    ['{"a":"', 5],
    ['{"a":1}}', 7],
    ['{"a":1]', 6],
    ["[1,]", 3],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ["{a:1}", 1],
    ["[1 2]", 3],
    ["[01]", 1],
    ["[1.]", 1],
    ["[-]", 1],
    ["[truex]", 1],
    ["]", 0],
    [":", 0],
    ["{} {}", 3],
    ['["\\x"]', 1],
    ['["\\u12"]', 1],
    ['["\n"]', 1],
    ["\u0000", 0],
  ] as const) {
    test(`a text that is not JSON has its fault at ${at}: ${JSON.stringify(text)}`, () => {
      assert.throws(() => JSON.parse(text));
      assert.equal(jsonFaultAt(text), at);
    });
  }
});

test("the fault of a text that V8 refuses is within it, and what stands before can still become JSON", () => {
  const texts = fc
    .tuple(fc.json(), fc.nat(), fc.nat(4), fc.constantFrom("", "}", "]", ",", ":", '"', "x", "1", "\\", "\n"))
    .map(([text, at, cut, put]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + put + text.slice(from + cut);
    });
  fc.assert(
    fc.property(texts, (text) => {
      let isJson = true;
      let told: string | undefined;
      try {
        JSON.parse(text);
      } catch (reason) {
        isJson = false;
        told = /at position (\d+)/.exec((reason as Error).message)?.[1];
      }
      const at = jsonFaultAt(text);
      if (isJson) {
        assert.equal(at, text.length);
      } else {
        // V8 points into a bad string or number, and here the position is where it begins.
        assert.ok(at <= (told === undefined ? text.length : Number(told)));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("the fault of a text is found behind a megabyte of levels, and a string of a megabyte", () => {
  assert.equal(jsonFaultAt("[".repeat(2 ** 20)), 2 ** 20);
  assert.equal(jsonFaultAt(`["${"a".repeat(2 ** 20)}" x`), 2 ** 20 + 4);
});
