import assert from "node:assert/strict";
import { test } from "node:test";
import { histogramOf, levels, timesBetween } from "../../../../../src/web/views/logs/histogram.ts";

const answer = {
  startTime: "2026-11-23T10:00:00Z",
  step: "0.5s",
  buckets: 4,
  groups: [
    { group: { severity: "SEVERITY_NUMBER_INFO" }, count: 6, counts: [1, 2, 3, 0] },
    { group: { severity: "SEVERITY_NUMBER_INFO3" }, count: 1, counts: [0, 0, 1, 0] },
    { group: { severity: "SEVERITY_NUMBER_ERROR" }, count: 3, counts: [0, 0, 0, 2] },
    { group: { severity: "SEVERITY_NUMBER_UNSPECIFIED" }, count: 1, counts: [1, 0, 0, 0] },
  ],
};

test("log records are counted by bar and severity, of which each has four numbers", () => {
  const histogram = histogramOf(answer);
  const info = levels.indexOf("info");
  assert.deepEqual(
    histogram?.bars.map((bar) => bar[info]),
    [1, 2, 4, 0],
  );
  assert.deepEqual(histogram?.totals, [1, 0, 0, 7, 0, 3, 0]);
  assert.equal(histogram?.highest, 4);
});

test("the times of a part of the bars are the whole bars that it touches, whatever its direction", () => {
  const histogram = histogramOf(answer)!;
  const middle = { since: "2026-11-23T10:00:00.5Z", until: "2026-11-23T10:00:01.5Z" };
  assert.deepEqual(timesBetween(histogram, 0.3, 0.7), middle);
  assert.deepEqual(timesBetween(histogram, 0.7, 0.3), middle);
  assert.deepEqual(timesBetween(histogram, -1, 9), {
    since: "2026-11-23T10:00:00Z",
    until: "2026-11-23T10:00:02Z",
  });
});

test("records without a time make no histogram", () => {
  assert.equal(histogramOf({ matched: 3, untimed: 3 }), undefined);
});
