import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { CallTurns } from "../../../../../src/adapters/inbound/listener/call-turns.ts";

/** A clock that a test moves on. */
function clockOf(t: TestContext) {
  const clock = { nowMs: 0 };
  t.mock.method(performance, "now", () => clock.nowMs);
  return clock;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

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
