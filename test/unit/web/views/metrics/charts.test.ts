import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chartChanges,
  chartsOf,
  functionsFor,
  maxCharts,
  typeName,
  windowBetween,
  windowOf,
} from "../../../../../src/web/views/metrics/charts.ts";

const chart = { name: "http.server.request.duration", fn: "p99", by: "http.route", service: "shop" };

test("charts come back from the parameters of the address that they were put into", () => {
  const charts = [chart, { name: "process.memory.usage", fn: "", by: "", service: "" }];
  assert.deepEqual(chartsOf(chartChanges(charts)), charts);
});

test("what is set for a chart that was removed goes from the address", () => {
  const before = chartChanges([chart, chart]);
  assert.deepEqual(chartsOf({ ...before, ...chartChanges([chart]) }), [chart]);
});

test("an address has no more charts than the view shows", () => {
  const params = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`name.${i}`, `m${i}`]));
  assert.equal(chartsOf(params).length, maxCharts);
});

test("a metric that an address names twice has one chart, the first", () => {
  const other = { ...chart, name: "process.memory.usage" };
  assert.deepEqual(chartsOf(chartChanges([chart, other, { ...chart, fn: "rate" }])), [chart, other]);
});

test("a window that was chosen goes before a range that ends now, and neither means all", () => {
  const now = Date.parse("2026-11-23T10:00:00Z");
  const window = { since: "2026-11-23T09:00:00Z", until: "2026-11-23T09:10:00Z" };
  assert.deepEqual(windowOf({ ...window, range: "5 min" }, now), window);
  assert.deepEqual(windowOf({ range: "5 min" }, now), { since: "2026-11-23T09:55:00.000Z" });
  assert.deepEqual(windowOf({ range: "a year" }, now), {});
  assert.deepEqual(windowOf({}, now), {});
});

test("a window that is dragged over is at least a millisecond long", () => {
  const at = Date.parse("2026-11-23T10:00:00Z");
  const window = { since: "2026-11-23T10:00:00.000Z", until: "2026-11-23T10:00:00.001Z" };
  assert.deepEqual(windowBetween(at + 0.2, at + 0.4), window);
  assert.deepEqual(windowBetween(at, at), window);
});

test("counters are asked for their rate, other sums for their value", () => {
  assert.equal(functionsFor("sum", true)[0], "rate");
  assert.equal(functionsFor("sum", false)[0], "value");
  assert.equal(functionsFor(typeName("METRIC_TYPE_EXPONENTIAL_HISTOGRAM"), false)[0], "p95");
  assert.deepEqual(functionsFor(typeName(undefined), false), []);
});
