import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DurationSketch } from "../../../../../src/use-cases/read/figures/duration-sketch.ts";

const fractions = [0.01, 0.5, 0.9, 0.95, 0.99, 1];
/** From nothing to centuries, evenly over the orders of magnitude. */
const nano = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0, max: 62, noNaN: true }).map((power) => Math.floor(2 ** power)),
);

test("percentiles of durations of any length are within 2 %, of few and of many", () => {
  fc.assert(
    fc.property(fc.array(nano, { minLength: 1, maxLength: 3_000, size: "max" }), (durations) => {
      const sketch = new DurationSketch();
      for (const duration of durations) sketch.add(duration);
      const sorted = durations.toSorted((a, b) => a - b);
      assert.deepEqual([sketch.count, sketch.max], [durations.length, sorted.at(-1)]);
      for (const [i, shown] of sketch.percentiles(fractions).entries()) {
        const exact = sorted[Math.max(1, Math.ceil(fractions[i]! * sorted.length)) - 1]!;
        assert.ok(Math.abs(shown - exact) <= exact * 0.02, `${fractions[i]}: ${shown}, not ${exact}`);
      }
    }),
    { numRuns: 200 },
  );
});
