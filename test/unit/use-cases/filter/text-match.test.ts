import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import type { LogRecord, MetricPoint, Span } from "../../../../src/domain/telemetry.ts";
import { planOf } from "../../../../src/use-cases/filter/item-plan.ts";
import { containsText } from "../../../../src/use-cases/filter/text-match.ts";

const context = {
  scope: { name: "the.scope", attributes: { "scope.key": "scope value" } },
  resource: { "service.name": "shop" },
};
const span = {
  ...context,
  name: "POST /checkout",
  status: { code: 2, message: "card declined" },
  attributes: { "cart.id": "c3", total: 99.5, paid: false, items: ["Straße", { deep: "leaf" }] },
  events: [{ name: "exception", attributes: { "exception.message": "Out of MONEY" } }],
  links: [{ attributes: { "link.key": "linked" } }],
} as unknown as Span;
const log = {
  ...context,
  body: { order: { id: "Ab5" } },
  eventName: "order.placed",
  severityText: "Warning",
  attributes: { a: null },
} as unknown as LogRecord;
const point = {
  ...context,
  name: "shop.orders",
  description: "How many",
  unit: "{order}",
  attributes: { outcome: "paid" },
  metadata: { origin: "bridge" },
} as unknown as MetricPoint;

describe("text_contains looks everywhere in", () => {
  const shared = ["the.SCOPE", "SCOPE.key", "Scope Value", "SERVICE.name", "SHOP"];
  for (const [kind, item, texts] of [
    [
      "spans",
      span,
      [
        ...["/CHECKOUT", "Declined", "CART.ID", "C3", "99.5", "FALSE", "strasse", '"DEEP":"LEAF"'],
        ...["Exception", "exception.MESSAGE", "of money", "LINK.key", "LINKED"],
      ],
    ],
    ["logs", log, ['"ID":"aB5"', "ORDER.placed", "warning", "NULL"]],
    ["metrics", point, ["shop.ORDERS", "how", "{Order}", "OUTCOME", "PAID", "ORIGIN", "Bridge"]],
  ] as const) {
    for (const textContains of [...texts, ...shared]) {
      it(`text_contains looks everywhere in ${kind}: ${textContains}`, () => {
        assert.equal(planOf(kind, { textContains }).matches?.(item as never), true);
      });
    }
    it(`text_contains finds no text across two places of ${kind}`, () => {
      for (const textContains of ["absent", "service.nameshop"]) {
        assert.equal(planOf(kind, { textContains }).matches?.(item as never), false);
      }
    });
  }
});

test("name_contains looks into the name alone, whatever its case", () => {
  for (const [nameContains, expected] of [
    ["post", true],
    ["T /C", true],
    ["declined", false],
  ] as const) {
    assert.equal(planOf("spans", { nameContains }).matches?.(span), expected);
  }
  assert.equal(planOf("metrics", { nameContains: "ORDERS" }).matches?.(point), true);
  assert.equal(planOf("metrics", { nameContains: "many" }).matches?.(point), false);
});

test("a text contains each of its parts, in upper and in lower case", () => {
  // The last letter of a word may have a form of its own, and upper case may be longer.
  assert.ok(containsText("ΟΔΟΣΑ", "οδοσ") && containsText("οδός", "ΌΣ") && containsText("Straße", "STRASSE"));
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."aAßςσΣİıſK ") }),
  );
  fc.assert(
    fc.property(text, text, text, (before, part, after) => {
      const whole = before + part + after;
      assert.ok(containsText(whole, part) && containsText(whole, part.toUpperCase()));
      assert.ok(containsText(whole.toUpperCase(), part));
    }),
  );
});

test("text_contains looks at the first 262,144 characters of an item alone", () => {
  const filler = "x".repeat(2 ** 18 - 3);
  for (const [text, expected] of [
    [`${filler}abc`, true],
    [`${filler}-abc`, false],
  ] as const) {
    assert.equal(planOf("spans", { nameContains: "ABC" }).matches?.({ ...span, name: text }), expected);
    assert.equal(planOf("logs", { textContains: "ABC" }).matches?.({ ...log, body: text }), expected);
    const attributes = { "": "x".repeat(2 ** 18 - 25), k: "abc" };
    const rest = expected ? "" : "xxxx";
    const many = { ...log, body: rest, attributes };
    assert.equal(planOf("logs", { textContains: "ABC" }).matches?.(many), expected);
  }
});
