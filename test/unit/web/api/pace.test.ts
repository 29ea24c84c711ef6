import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf, figuresPace, listPace, noteAnswer, paceOf } from "../../../../src/web/api/pace.ts";

/** The pauses after rounds that have cost the server so much. */
function pauses(pauseMs: number, ...costMs: readonly number[]): readonly number[] {
  const pace = paceOf(listPace);
  return costMs.map((cost) => pace.pauseAfter(cost, pauseMs));
}

test("the page asks as often as it is told while answers cost little, and less often when they cost much", () => {
  assert.deepEqual(pauses(500, 0, 5, 10), [500, 500, 500]);
  assert.deepEqual(pauses(500, 50, 50, 50), [500, 2_500, 2_500]);
  assert.deepEqual(pauses(500, 60_000, 60_000), [500, 10_000]);
  assert.deepEqual(pauses(60_000, 5_000, 5_000), [60_000, 60_000]);
});

test("figures that are computed of all that is held are asked for less often than what is new in a list", () => {
  const pace = paceOf(figuresPace);
  const pausesMs = [50, 50, 60_000, 60_000, 0].map((costMs) => pace.pauseAfter(costMs, 2_000));
  assert.deepEqual(pausesMs, [2_000, 5_000, 5_000, 30_000, 2_000]);
});

test("one slow answer does not make the page wait, the first one or another, and two in a row do until one is quick", () => {
  assert.deepEqual(pauses(500, 9_000, 0, 0), [500, 500, 500]);
  assert.deepEqual(pauses(500, 0, 9_000, 0, 9_000, 0), Array(5).fill(500));
  assert.deepEqual(pauses(500, 0, 100, 120, 60, 0, 100), [500, 500, 5_000, 3_000, 500, 500]);
});

test("after the page was hidden one slow answer does not make it wait either", () => {
  const pace = paceOf(listPace);
  for (const costMs of [100, 100]) pace.pauseAfter(costMs, 500);
  pace.restart();
  assert.equal(pace.pauseAfter(9_000, 500), 500);
  assert.equal(pace.pauseAfter(100, 500), 5_000);
});

test("a round costs what its answers take beyond the quickest one, and nothing when it asked for nothing", () => {
  const [first, second, third] = [1, 2, 3].map(() => new AbortController().signal) as [
    AbortSignal,
    AbortSignal,
    AbortSignal,
  ];
  assert.equal(costOf(first), 0);
  // The way to the server takes 120 ms, of each call anew.
  noteAnswer(120, first);
  assert.equal(costOf(first), 0);
  for (const tookMs of [120, 125, 130]) noteAnswer(tookMs, second);
  assert.equal(costOf(second), 15);
  // A shorter way is known from then on.
  noteAnswer(20, undefined);
  noteAnswer(120, third);
  assert.equal(costOf(third), 100);
});
