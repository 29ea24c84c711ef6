import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { LineBudget } from "../../../../src/process/log/line-budget.ts";

const kib = "x".repeat(1_024);

function start(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: number[] = [];
  const budget = new LineBudget((lines) => told.push(lines));
  /** How many of these lines may be written. */
  const take = (count: number) =>
    Array.from({ length: count }, () => budget.take(kib)).filter(Boolean).length;
  return { budget, take, told, pass: (ms: number) => t.mock.timers.tick(ms) };
}

describe("the bound of the log's bytes in a second", () => {
  it("the bound of the log's bytes in a second leaves out the lines beyond 128 KiB, and tells their number when the second is over", (t) => {
    const { take, told, pass } = start(t);
    assert.equal(take(1_000), 128);
    pass(999);
    assert.deepEqual(told, []);
    assert.equal(take(1), 0);
    pass(1);
    assert.deepEqual(told, [873]);
    assert.equal(take(1_000), 128);
  });

  it("the bound of the log's bytes in a second tells nothing when no line was left out", (t) => {
    const { take, told, pass } = start(t);
    assert.equal(take(128), 128);
    pass(10_000);
    assert.deepEqual(told, []);
  });

  it("the bound of the log's bytes in a second begins anew at the stop, so that its last lines are written", (t) => {
    const { budget, take, told } = start(t);
    take(130);
    budget.renew();
    assert.deepEqual(told, [2]);
    assert.equal(take(1), 1);
  });
});
