import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SlabPool } from "../../../../../src/adapters/outbound/ring-buffer/slab-pool.ts";

describe("the slab pool", () => {
  test("the slab pool hands out slabs in turn, so that neighbours are of one age", () => {
    const pool = new SlabPool(4);
    const given = [];
    for (let i = 0; i < 4; i++) {
      const slab = pool.findRun(1)!;
      pool.take(slab, 1);
      given.push(slab);
    }
    assert.deepEqual(given, [0, 1, 2, 3]);
    pool.release(2, 1);
    pool.release(0, 1);
    // The next after slab 3 is slab 0 again.
    assert.equal(pool.findRun(1), 0);
  });

  test("the slab pool takes no slab when it is asked for a run", () => {
    const pool = new SlabPool(2);
    assert.equal(pool.findRun(2), 0);
    assert.equal(pool.findRun(2), 0);
  });

  const runs: { name: string; slabs: number; taken: [number, number][]; length: number; found?: number }[] = [
    { name: "all of it when nothing is taken", slabs: 3, taken: [], length: 3, found: 0 },
    { name: "none longer than itself", slabs: 3, taken: [], length: 4 },
    { name: "none when all are taken", slabs: 2, taken: [[0, 2]], length: 1 },
    {
      name: "the gap that is long enough",
      slabs: 8,
      taken: [
        [1, 1],
        [4, 1],
      ],
      length: 3,
      found: 5,
    },
    { name: "the gap before where it goes on", slabs: 6, taken: [[4, 2]], length: 4, found: 0 },
    { name: "no run over its end", slabs: 6, taken: [[1, 4]], length: 2 },
  ];
  for (const { name, slabs, taken, length, found } of runs) {
    test(`the slab pool finds ${name}`, () => {
      const pool = new SlabPool(slabs);
      for (const [first, count] of taken) pool.take(first, count);
      assert.equal(pool.findRun(length), found);
    });
  }

  test("the slab pool has a run again when its slabs were released one by one", () => {
    const pool = new SlabPool(4);
    pool.take(0, 4);
    pool.release(1, 1);
    assert.equal(pool.findRun(2), undefined);
    pool.release(2, 1);
    assert.equal(pool.findRun(2), 1);
  });
});
