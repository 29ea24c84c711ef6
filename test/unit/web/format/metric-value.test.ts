import assert from "node:assert/strict";
import { test } from "node:test";
import { metricText } from "../../../../src/web/format/metric-value.ts";

test("a value of a metric is shown with its unit, to three figures", () => {
  const shown = [
    metricText(0.1234, "s", "p95"),
    metricText(12, "ms", "value"),
    metricText(190_000_000, "By", "value"),
    metricText(-2_048, "By", "value"),
    metricText(4.3567, "{request}", "rate"),
    metricText(2_048, "By", "rate"),
    metricText(0.5, "s", "rate"),
    metricText(12_345, "1", "increase"),
    metricText(999_999, "", "value"),
    metricText(7, "s", "count"),
    metricText(41.26, "%", "value"),
    metricText(3, "Cel", "value"),
  ];
  assert.deepEqual(shown, [
    "123 ms",
    "12 ms",
    "181 MiB",
    "-2 KiB",
    "4.36 request/s",
    "2 KiB/s",
    "0.5 s/s",
    "12.3k",
    "1M",
    "7",
    "41.3 %",
    "3 Cel",
  ]);
});

test("a value of a metric that is no number, or too large for a duration, is shown as it is", () => {
  assert.equal(metricText(Number.NaN, "s", "value"), "NaN");
  assert.equal(metricText(Number.POSITIVE_INFINITY, "By", "value"), "Infinity");
  assert.equal(metricText(1e20, "s", "value"), "1.00e+20 s");
});

test("a unit that is a long text is cut, and what is hidden in it is shown", () => {
  assert.equal(metricText(3, "u".repeat(1_000), "value"), `3 ${"u".repeat(19)}…`);
  assert.equal(metricText(3, "a\u202eb", "value"), "3 a\\u202eb");
});
