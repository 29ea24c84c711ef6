import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClearedRanges } from "../../../../src/use-cases/read/cleared-ranges.ts";

describe("ClearedRanges", () => {
  it("the cleared ordinals of a range are counted", () => {
    const cleared = new ClearedRanges();
    cleared.add({ first: 2, next: 4 });
    cleared.add({ first: 4, next: 6 });
    cleared.add({ first: 10, next: 11 });
    cleared.add({ first: 11, next: 11 });
    for (const [from, to, expected] of [
      [0, 100, 5],
      [0, 2, 0],
      [3, 5, 2],
      [5, 11, 2],
      [6, 10, 0],
      [11, 20, 0],
      [5, 5, 0],
    ] as const) {
      assert.equal(cleared.count(from, to), expected, `[${from}, ${to})`);
    }
  });
});
