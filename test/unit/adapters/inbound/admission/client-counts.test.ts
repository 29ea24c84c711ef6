import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ClientCounts } from "../../../../../src/adapters/inbound/admission/client-counts.ts";

const windowMs = 1_000;

function incr(counts: ClientCounts, key: string): number {
  let current = 0;
  counts.incr(key, (_error, result) => (current = result?.current ?? 0), windowMs);
  return current;
}

describe("ClientCounts", () => {
  it("the rate limit remembers an address within its window however many others follow", (t) => {
    // A busy machine takes longer than the window.
    t.mock.timers.enable({ apis: ["Date"] });
    const counts = new ClientCounts();
    assert.equal(incr(counts, "first"), 1);
    for (let other = 0; other < 100_000; other++) incr(counts, `other ${other}`);
    assert.equal(incr(counts, "first"), 2);
  });

  it("the rate limit counts the addresses beyond its bound together", (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    const counts = new ClientCounts({}, 2);
    assert.deepEqual(
      ["a", "b", "c", "d", "a", "e"].map((key) => incr(counts, key)),
      [1, 1, 1, 2, 2, 3],
    );
  });

  it("the rate limit forgets addresses whose window has ended, to make room", (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    const counts = new ClientCounts({}, 2);
    for (const key of ["a", "b", "c"]) incr(counts, key);
    t.mock.timers.tick(windowMs);
    assert.deepEqual(
      ["c", "d", "c", "d"].map((key) => incr(counts, key)),
      [1, 1, 2, 2],
    );
  });

  it("the rate limit counts an address anew when its window has ended", (t) => {
    t.mock.timers.enable({ apis: ["Date"] });
    const counts = new ClientCounts();
    incr(counts, "a");
    t.mock.timers.tick(windowMs - 1);
    assert.equal(incr(counts, "a"), 2);
    t.mock.timers.tick(1);
    assert.equal(incr(counts, "a"), 1);
  });
});
