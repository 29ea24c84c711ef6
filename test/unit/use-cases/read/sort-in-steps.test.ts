import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopTurns } from "../../../../src/use-cases/event-loop-turns.ts";
import { sortInSteps } from "../../../../src/use-cases/read/sort-in-steps.ts";
import { createRandom } from "../../../support/random.ts";

test("sorting in steps is as sorting at once, and keeps equal elements in order", async () => {
  const random = createRandom(7);
  for (const length of [0, 1, 2_047, 2_048, 2_049, 10_000]) {
    const elements = Array.from({ length }, (_, i) => ({ key: random.below(500), i }));
    const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
    const pace = { maxItems: 1, maxMs: 0 };
    const sorted = await sortInSteps({ pace, turns: new EventLoopTurns() }, elements, byKey, undefined);
    assert.deepEqual(sorted, elements.toSorted(byKey));
  }
});
