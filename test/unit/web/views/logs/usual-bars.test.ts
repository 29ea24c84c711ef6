import assert from "node:assert/strict";
import { test } from "node:test";
import { levels } from "../../../../../src/web/views/logs/histogram.ts";
import { usualBars } from "../../../../../src/web/views/logs/usual-bars.ts";

const day = 86_400_000_000_000n;
const now = 20_000n * day;

/** Bars of a day or so, of which some have records. */
function histogram(records: Readonly<Record<number, number>>, step = day) {
  const bars = Array.from({ length: 120 }, (_, index) => [records[index] ?? 0, 0]);
  return { start: now - 119n * step, step, bars, totals: levels.map(() => 0), highest: 1 };
}

test("an axis reaches over the bars that have most records, and over all that are near to them", () => {
  assert.deepEqual(usualBars(histogram({ 0: 1, 119: 5_000 }), false, now), { first: 119, last: 119 });
  assert.deepEqual(usualBars(histogram({ 0: 1, 100: 900, 101: 5, 119: 1 }), false, now - day * 50n), {
    first: 100,
    last: 101,
  });
});

test("an axis of the filter fits when no record is far off, and one that was chosen when it is not empty", () => {
  assert.equal(usualBars(histogram({ 40: 10, 60: 10 }), false, now), undefined);
  assert.equal(usualBars(histogram({ 60: 10 }), false, now), undefined);
  assert.deepEqual(usualBars(histogram({ 60: 10 }), true, now), { first: 60, last: 60 });
  assert.equal(usualBars(histogram({ 20: 10, 100: 10 }), true, now), undefined);
  assert.equal(usualBars(histogram({}), false, now), undefined);
});
