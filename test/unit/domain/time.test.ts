import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compareTimes } from "../../../src/domain/time.ts";

describe("compareTimes", () => {
  it("compareTimes sorts times by age, and those that are not known after all others", () => {
    const times = [0n, 3n, 2n ** 64n - 1n, 1n, 0n, 2n];

    assert.deepEqual(times.toSorted(compareTimes), [1n, 2n, 3n, 2n ** 64n - 1n, 0n, 0n]);
  });

  it("compareTimes finds a time equal to itself alone, known or not", () => {
    assert.deepEqual([compareTimes(0n, 0n), compareTimes(7n, 7n)], [0, 0]);
  });
});
