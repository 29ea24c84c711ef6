import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { CallShare, CallTurns } from "../../../../../src/adapters/inbound/listener/call-turns.ts";

/** A clock that a test moves on. */
function clockOf(t: TestContext) {
  const clock = { nowMs: 0 };
  t.mock.method(performance, "now", () => clock.nowMs);
  return clock;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("calls of one connection", () => {
  /** Calls of one turn, of which each counts as four exports, and then some exports. */
  const shareAfter = (calls: number, exports: number) => {
    const share = new CallShare();
    for (let i = 0; i < calls; i++) share.take(false);
    for (let i = 0; i < exports; i++) share.take(true);
    return share;
  };
  const maxConcurrent = 100;
  // Those that it may have at a time, and those that are begun at once in this turn and in the one before.
  const most = maxConcurrent + 32;

  test("as many calls as a client can have that waits for its answers are not too many", () => {
    assert.equal(shareAfter(most, 0).hasTooMany(maxConcurrent), false);
    assert.equal(shareAfter(most - 1, 4).hasTooMany(maxConcurrent), false);
    assert.equal(shareAfter(0, 4 * most).hasTooMany(maxConcurrent), false);
  });

  test("one call more than a client can have that waits for its answers is too many", () => {
    assert.equal(shareAfter(most, 1).hasTooMany(maxConcurrent), true);
    assert.equal(shareAfter(most + 1, 0).hasTooMany(maxConcurrent), true);
  });

  test("calls of another turn are not counted", async () => {
    const share = shareAfter(most + 1, 0);
    await nextTurn();
    share.take(false);
    assert.equal(share.hasTooMany(maxConcurrent), false);
  });
});

describe("calls of all connections", () => {
  test("calls of all connections are begun at once while they are few, or take little time in a turn", (t) => {
    const clock = clockOf(t);
    const turns = new CallTurns();
    const take = (count: number) => Array.from({ length: count }, () => turns.take(true));
    assert.ok(take(500).every((isBegun) => isBegun));
    clock.nowMs += 20;
    assert.deepEqual(take(2), [false, false]);
  });

  test("calls of all connections are begun at once again in the next turn", async (t) => {
    const clock = clockOf(t);
    const turns = new CallTurns();
    for (let i = 0; i < 4; i++) turns.take(false);
    clock.nowMs += 20;
    assert.equal(turns.take(true), false);
    await nextTurn();
    assert.equal(turns.take(true), true);
  });

  test("calls that have to wait are begun before those that read, one of which is begun in each turn", async (t) => {
    const clock = clockOf(t);
    const turns = new CallTurns();
    const begun: string[] = [];
    const begin = (name: string) => () => {
      begun.push(name);
      clock.nowMs += 3;
    };
    for (const name of ["r1", "r2", "r3"]) turns.later(begin(name), true);
    for (const name of ["a", "b", "c"]) turns.later(begin(name));
    while (begun.length < 6) await nextTurn();
    assert.deepEqual(begun, ["a", "b", "r1", "c", "r2", "r3"]);
  });
});
