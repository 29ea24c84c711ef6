import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson } from "@bufbuild/protobuf";
import { LogFilterSchema, SpanFilterSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import {
  attributeFilters,
  isFiltered,
  logFilter,
  severities,
  spanFilter,
  wrongDuration,
} from "../../../../src/web/state/filters.ts";

test("the parameters of a link make a filter of spans that the API takes", () => {
  const filter = spanFilter({
    service: "shop",
    name: "GET /",
    status: "error",
    min: "10ms",
    "attr.cart.id": "c3",
    tz: "utc",
  });
  assert.deepEqual(filter, {
    service: "shop",
    name: "GET /",
    statusCode: "STATUS_CODE_ERROR",
    minDuration: "0.010000000s",
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

test("without parameters nothing is left out, and a wrong duration is told", () => {
  assert.equal(isFiltered(spanFilter({ tz: "utc" })), false);
  assert.equal(isFiltered(logFilter({ text: "x" })), true);
  assert.deepEqual(spanFilter({ min: "soon" }), {});
  assert.equal(wrongDuration({ min: "soon" }), true);
  assert.equal(wrongDuration({ min: "1s" }), false);
  assert.equal(wrongDuration({}), false);
});

test("attributes are the parameters with the prefix", () => {
  assert.deepEqual(attributeFilters({ "attr.a": "1", service: "x" }), [["a", "1"]]);
});
