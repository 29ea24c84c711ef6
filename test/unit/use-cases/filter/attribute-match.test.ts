import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Attributes, AttributeValue, LogRecord } from "../../../../src/domain/telemetry.ts";
import { attributeText, hasAttributes } from "../../../../src/use-cases/filter/attribute-match.ts";
import { planOf } from "../../../../src/use-cases/filter/item-plan.ts";

describe("attributeText", () => {
  for (const [value, text] of [
    ["x", "x"],
    ["", ""],
    ["5", "5"],
    [5, "5"],
    [0.5, "0.5"],
    [1e21, "1e+21"],
    [true, "true"],
    [false, "false"],
    [null, "null"],
    [[1, "a", null], '[1,"a",null]'],
    [{ a: { b: [true] } }, '{"a":{"b":[true]}}'],
  ] as [AttributeValue, string][]) {
    it(`the attribute ${JSON.stringify(value)} matches as the text ${JSON.stringify(text)}`, () => {
      assert.equal(attributeText(value), text);
    });
  }
});

describe("hasAttributes", () => {
  const item = {
    attributes: { status: 500, ok: false, both: "item" } as Attributes,
    scope: { attributes: { "scope.key": 1 } as Attributes },
    resource: { "host.name": "web-1", both: "resource" } as Attributes,
  };

  for (const [wanted, expected] of [
    [[["status", "500"]], true],
    [[["ok", "false"]], true],
    [[["host.name", "web-1"]], true],
    [
      [
        ["status", "500"],
        ["host.name", "web-1"],
      ],
      true,
    ],
    [[["scope.key", "1"]], true],
    [[["both", "item"]], true],
    [[["both", "resource"]], true],
    [[["status", "50"]], false],
    [
      [
        ["status", "500"],
        ["host.name", "web-2"],
      ],
      false,
    ],
    [[["absent", ""]], false],
    [[["absent", "undefined"]], false],
    [[["toString", "function toString() { [native code] }"]], false],
  ] as [[string, string][], boolean][]) {
    it(`a filter by attributes ${expected ? "finds" : "does not find"} ${JSON.stringify(wanted)}`, () => {
      assert.equal(hasAttributes(item, new Map(wanted)), expected);
    });
  }
});

describe("a filter of log records", () => {
  const log = (body: AttributeValue | undefined) =>
    ({ body, attributes: { a: 1 }, scope: { attributes: {} }, resource: {} }) as unknown as LogRecord;

  for (const [body, bodyContains, expected] of [
    ["order was placed", "was", true],
    ["order was placed", "Was", false],
    [{ order: { id: 5 } }, '"id":5', true],
    [[1, 2], "1,2", true],
    [5, "5", true],
    [null, "null", true],
    [undefined, "undefined", false],
  ] as [AttributeValue | undefined, string, boolean][]) {
    it(`the text ${JSON.stringify(bodyContains)} ${expected ? "is" : "is not"} in the log body ${JSON.stringify(body)}`, () => {
      assert.equal(planOf("logs", { bodyContains }).matches?.(log(body)), expected);
    });
  }

  it("a filter of log records asks for the body and the attributes", () => {
    const { matches } = planOf("logs", { bodyContains: "x", attributes: new Map([["a", "1"]]) });
    assert.equal(matches?.(log("x")), true);
    assert.equal(matches?.(log("y")), false);
    assert.equal(matches?.({ ...log("x"), attributes: {} }), false);
  });
});
