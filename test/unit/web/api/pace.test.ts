import assert from "node:assert/strict";
import { test } from "node:test";
import { paceOf } from "../../../../src/web/api/pace.ts";

/** The pauses after answers that took so long. */
function pauses(pauseMs: number, ...tookMs: readonly number[]): readonly number[] {
  const pace = paceOf();
  return tookMs.map((took) => pace.pauseAfter(took, pauseMs));
}

test("the page asks as often as it is told while answers come soon, and less often when they take long", () => {
  assert.deepEqual(pauses(500, 120, 120, 130), [500, 500, 500]);
  assert.deepEqual(pauses(500, 120, 170), [500, 2_500]);
  assert.deepEqual(pauses(500, 120, 60_000), [500, 10_000]);
  assert.deepEqual(pauses(60_000, 120, 5_000), [60_000, 60_000]);
  // A shorter way to the server is known from then on.
  assert.deepEqual(pauses(500, 20, 120), [500, 5_000]);
});

test("the first answer does not make the page wait, however long it took, nor the first one after a pause", () => {
  assert.deepEqual(pauses(500, 9_000, 20), [500, 500]);
  const pace = paceOf();
  for (const tookMs of [20, 20]) pace.pauseAfter(tookMs, 500);
  pace.restart();
  assert.equal(pace.pauseAfter(9_000, 500), 500);
});

test("one slow answer among quick ones does not make the page wait, and several do", () => {
  assert.deepEqual(pauses(500, 20, 20, 20, 9_000, 20, 20, 20), Array(7).fill(500));
  assert.equal(pauses(500, 20, 20, 20, 120, 120, 120).at(-1), 5_000);
});
