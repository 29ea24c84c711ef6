import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson } from "@bufbuild/protobuf";
import { LogFilterSchema, SpanFilterSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { attributeField, filterFields, severities } from "../../../../src/web/state/filter-fields.ts";
import {
  adding,
  clearing,
  conditionsOf,
  isFiltered,
  logFilter,
  problemOf,
  removing,
  tooManyExcluded,
  traceFilter,
  whereRefusal,
} from "../../../../src/web/state/filters.ts";
import { joinValues } from "../../../../src/web/state/route.ts";

const spanFilter = (params: Readonly<Record<string, string>>) => traceFilter(params).filter;

test("the parameters of a link make a filter of spans that the API takes", () => {
  const filter = spanFilter({
    service: "shop",
    name: "GET /",
    name_contains: "get",
    status: "error",
    kind: "server",
    min: "10ms",
    max: "1s",
    since: "2026-11-27T10:00:00Z",
    until: "2026-11-27T10:00:01.5Z",
    text_contains: "declined",
    "attr.cart.id": "c3",
    tz: "utc",
    sort: "slowest",
  });
  assert.deepEqual(filter, {
    service: "shop",
    name: "GET /",
    nameContains: "get",
    statusCode: "STATUS_CODE_ERROR",
    kind: "SPAN_KIND_SERVER",
    minDuration: "0.010000000s",
    maxDuration: "1.000000000s",
    since: "2026-11-27T10:00:00Z",
    until: "2026-11-27T10:00:01.5Z",
    textContains: "declined",
    attributes: { "cart.id": "c3" },
  });
  assert.equal(fromJson(SpanFilterSchema, filter).minDuration?.nanos, 10_000_000);
});

test("the parameters of a link make a filter of logs that the API takes, with each severity", () => {
  for (const severity of severities) {
    const filter = logFilter({ severity, text: "declined", trace: "5b8efff798038103d269b633813fc60c" });
    assert.ok(fromJson(LogFilterSchema, filter).minSeverity > 0, severity);
  }
});

test("without conditions nothing is left out", () => {
  assert.equal(isFiltered(spanFilter({ tz: "utc" })), false);
  assert.equal(isFiltered(logFilter({ text: "x" })), true);
});

test("a value that cannot be understood is left out of the filter and told", () => {
  for (const [params, problem] of [
    [{ min: "soon" }, /a duration is/],
    [{ since: "soon" }, /a time is/],
    [{ status: "bad" }, /a status is error, ok or unset/],
  ] as const) {
    assert.deepEqual(spanFilter(params), {});
    assert.match(problemOf(conditionsOf("spans", params)[0]!) ?? "", problem);
  }
  assert.equal(problemOf(conditionsOf("spans", { min: "1s" })[0]!), undefined);
});

test("several values of a field mean one of them", () => {
  assert.deepEqual(spanFilter({ service: joinValues(["a", 'b"']) }), { where: 'service in ["a", "b\\""]' });
  assert.deepEqual(spanFilter({ name_contains: joinValues(["a.b", "C"]) }), {
    where: 'name.matches("(?i)a\\\\.b|C")',
  });
});

test("what is excluded from the list of traces is what no span of a trace has", () => {
  const params = {
    service: "shop",
    "not.status": "error",
    "not.attr.user.id": joinValues(["u1", "u2"]),
    "not.min": "10ms",
    "not.text_contains": "declined",
    "not.span": "EEE19B7EC3C1B174",
    "not.kind": "no such kind",
    "not.where": "true",
    "not.since": "2026-11-27T10:00:00Z",
  };
  const { filter, without = [] } = traceFilter(params);
  assert.deepEqual(filter, { service: "shop" });
  assert.deepEqual(without, [
    { statusCode: "STATUS_CODE_ERROR" },
    { attributes: { "user.id": "u1" } },
    { attributes: { "user.id": "u2" } },
    { minDuration: "0.010000000s" },
    { textContains: "declined" },
    { where: 'spanId in ["eee19b7ec3c1b174"]' },
    { where: "true" },
  ]);
  for (const one of without) fromJson(SpanFilterSchema, one);
  assert.deepEqual(traceFilter({ name: "x" }), { filter: { name: "x" } });
});

test("more conditions that exclude traces than a search takes are told, with how many to remove", () => {
  const excluding = (count: number) =>
    traceFilter({ "not.attr.user.id": joinValues(Array.from({ length: count }, (_, i) => `u${i}`)) });
  assert.equal(tooManyExcluded(traceFilter({})), undefined);
  assert.equal(tooManyExcluded(excluding(32)), undefined);
  assert.equal(
    tooManyExcluded(excluding(35)),
    "At most 32 conditions can exclude traces, and these are 35: remove 3.",
  );
});

test("log records that have one of the excluded values are left out", () => {
  assert.deepEqual(logFilter({ service: "a", "not.service": joinValues(["x", "y"]), "not.trace": "AB" }), {
    service: "a",
    where: '(!(service in ["x", "y"])) && (!(traceId in ["ab"]))',
  });
});

test("an attribute is excluded wherever the API's filter would find it, as a text, a number or a list", () => {
  const { where } = logFilter({ "not.attr.n": joinValues(["402", "x", '["a"]']) });
  assert.equal(
    where,
    '!(("n" in attributes && attributes["n"] in ["402", 402, "x", "[\\"a\\"]", ["a"]]' +
      ' || "n" in resource && resource["n"] in ["402", 402, "x", "[\\"a\\"]", ["a"]]' +
      ' || has(scope.attributes) && "n" in scope.attributes' +
      ' && scope.attributes["n"] in ["402", 402, "x", "[\\"a\\"]", ["a"]]))',
  );
});

test("expressions must all be true, and stand before what the page makes of other conditions", () => {
  assert.deepEqual(spanFilter({ where: "a == 1" }), { where: "a == 1" });
  assert.deepEqual(logFilter({ "not.service": "x", where: joinValues(["a || b", "c"]) }), {
    where: '(a || b) && (c) && (!(service in ["x"]))',
  });
});

test("the refusal of an expression tells the reason and the place in it", () => {
  const message = 'filter.where: there is no "nam" at column 3';
  const reason = 'there is no "nam"';
  assert.deepEqual(whereRefusal("!(nam)", message), { value: "!(nam)", reason, column: 3 });
  assert.equal(whereRefusal("a", "filter.servce: no such field"), undefined);
});

test("a condition is added beside others of its field, in place of its opposite, and taken away", () => {
  const field = attributeField("a");
  const added = adding({ "attr.a": "1", "not.attr.a": "2" }, { field, value: "2", excluded: false });
  assert.deepEqual(added, { "attr.a": joinValues(["1", "2"]), "not.attr.a": "" });
  assert.deepEqual(removing(added, { field, value: "1", excluded: false }), { "attr.a": "2" });
  assert.deepEqual(clearing(conditionsOf("spans", { "attr.a": "1", "not.service": "2", tz: "utc" })), {
    "attr.a": "",
    "not.service": "",
  });
});

test("of a field with one value another takes its place, and several can be excluded", () => {
  const field = filterFields.find(({ param }) => param === "min")!;
  assert.equal(adding({ min: "1s" }, { field, value: "2s", excluded: false }).min, "2s");
  const text = filterFields.find(({ param }) => param === "text_contains")!;
  const excluded = adding({ "not.text_contains": "a" }, { field: text, value: "b", excluded: true });
  assert.equal(excluded["not.text_contains"], joinValues(["a", "b"]));
});

test("a link cannot exclude by a field that the API has no expression for", () => {
  assert.deepEqual(conditionsOf("logs", { "not.severity": "warn" }), []);
});

test("a link may have thousands of attributes, of any name", () => {
  const keys = ["__proto__", "constructor", ...Array.from({ length: 10_000 }, (_, n) => `key.${n}`)];
  const params = Object.fromEntries(keys.map((key) => [`attr.${key}`, "value"]));
  assert.deepEqual(Object.keys(spanFilter(params).attributes ?? {}), keys);
});
