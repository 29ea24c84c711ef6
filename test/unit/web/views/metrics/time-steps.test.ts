import assert from "node:assert/strict";
import { test } from "node:test";
import { timeSteps } from "../../../../../src/web/views/metrics/time-steps.ts";

test("no step between labels of time is more than twice the one before, from a millisecond to years", () => {
  for (const [index, step] of timeSteps.entries()) {
    const before = timeSteps[index - 1] ?? step / 2;
    assert.ok(step > before && step <= before * 2.0001, `${before} s, ${step} s`);
  }
  assert.equal(timeSteps[0], 0.001);
  assert.ok((timeSteps.at(-1) ?? 0) > 5 * 365 * 86_400);
});
