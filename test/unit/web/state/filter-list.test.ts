import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionText } from "../../../../src/web/state/filter-draft.ts";
import { readList } from "../../../../src/web/state/filter-list.ts";

const read = (typed: string, kind: "spans" | "logs" = "spans") => {
  const list = readList(kind, typed, "utc");
  return list && (list.problem ?? list.conditions.map(conditionText));
};

test("several conditions in one text are read, with spaces, AND, && or commas between", () => {
  const both = ["service: cart", "status: error"];
  for (const [typed, expected] of [
    ["service=cart status=error duration>5ms", [...both, "duration at least: 5ms"]],
    ["service: cart status: error", both],
    ["service=cart AND status=error", both],
    ["service=cart && status=error", both],
    ['service.name="cart",status="error"', both],
    ["service=cart, status=error", both],
    ['{ resource.service.name = "cart" && status = error }', both],
    ['  service="cart a"   -status=error ', ["service: cart a", "-status: error"]],
    ["service=cart NOT status:error", ["service: cart", "-status: error"]],
    ["name: POST /checkout AND service: shop", ["name: POST /checkout", "service: shop"]],
    ['name="a AND b" service=cart', ["name: a AND b", "service: cart"]],
    ["service=cart OR service=shop", ["service: cart", "service: shop"]],
    ["retries>=3 service=cart", ['where: attributes["retries"] >= 3', "service: cart"]],
    ["-retries>=3 service=cart", ['-where: attributes["retries"] >= 3', "service: cart"]],
    ["url=http://x/?a=b service=cart", ["url: http://x/?a=b", "service: cart"]],
  ] as const) {
    assert.deepEqual(read(typed), expected, typed);
  }
});

test("one condition, a text and an expression are not several", () => {
  for (const typed of [
    "",
    "service: shop",
    "name: SELECT * FROM x WHERE a=1",
    "cart.url: http://x/?a=b",
    "the id=5 was declined",
    "declined service=cart",
    'service="cart status=error',
    'attributes["a"] == 1 && status.code == "x"',
    'name == "a" && service == "b"',
    '!has(attributes.x) && name == "a"',
    "duration > 5 && duration < 7",
    "where: a == 1 && b == 2",
    "service: a, b",
  ]) {
    assert.equal(read(typed), undefined, typed);
  }
});

test("a list that cannot be read says why", () => {
  for (const [typed, words] of [
    ["service=cart OR status=error", /^alternatives of several fields/],
    ["service=cart AND service=shop", /^values of one field are alternatives/],
    ["{ http.route = 1 && http.route = 2 }", /^values of one field are alternatives/],
    ["service=cart AND status=", /^“status=” has no value$/],
    ["service=cart -since=10:00", /^“-since=10:00” cannot be excluded$/],
    ["service=cart duration>soon", /^a duration is a number and a unit/],
  ] as const) {
    assert.match(String(read(typed)), words, typed);
  }
});

test("a long text is not taken for several conditions", () => {
  assert.equal(read(`service=cart status=error name: ${"a".repeat(4_096)}`), undefined);
});
