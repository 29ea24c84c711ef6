import assert from "node:assert/strict";
import { test } from "node:test";
import { percentilesAt, scaleOf, shadeOf } from "../../../../../src/web/views/metrics/distribution.ts";

const line = (low: number, high: number, ...values: readonly number[]) => ({
  key: "",
  label: "",
  values,
  bucket: { low, high },
  newest: undefined,
  least: undefined,
  most: undefined,
});

test("the scale of a heat map has the colours of the cells, from few measurements to the most", () => {
  const scale = scaleOf(100);
  assert.deepEqual(
    scale.map(({ count }) => Math.round(count)),
    [4, 16, 36, 64, 100],
  );
  for (const { count, shade } of scale) assert.equal(shade, shadeOf(count, 100));
  assert.deepEqual([shadeOf(0, 100), scale.at(-1)?.shade], [0, 1]);
});

test("percentiles lie in the bucket of their measurement, and take a part of its range", () => {
  const lines = [line(0, 10, 50), line(10, 20, 40), line(20, 40, 10)];
  assert.deepEqual(percentilesAt(lines, 0), [
    { name: "p50", rows: 1, value: 10 },
    { name: "p95", rows: 2.5, value: 30 },
    { name: "p99", rows: 2.9, value: 38 },
  ]);
});

test("a percentile in a bucket without an end is the end that there is, and there is none of nothing", () => {
  const lines = [
    line(Number.NEGATIVE_INFINITY, 1, 2, 0),
    line(5, 5, 0, 0),
    line(7, Number.POSITIVE_INFINITY, 2, 0),
  ];
  assert.deepEqual(
    percentilesAt(lines, 0).map(({ value }) => value),
    [1, 7, 7],
  );
  assert.deepEqual(percentilesAt(lines, 1), []);
});

test("parts of measurements, which buckets of several senders have, lead to a percentile too", () => {
  const lines = [line(0, 1, 0.1), line(1, 2, 0.2), line(2, 3, 0)];
  const [, , last] = percentilesAt(lines, 0);
  assert.ok(last !== undefined && last.value <= 2 && last.rows <= 2, JSON.stringify(last));
});
