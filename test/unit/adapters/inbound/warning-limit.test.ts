import assert from "node:assert/strict";
import { test } from "node:test";
import { WarningLimit } from "../../../../src/adapters/inbound/warning-limit.ts";

test("a warning of a kind is due once a minute, and other kinds beside it", (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const limit = new WarningLimit();
  assert.deepEqual(
    ["a", "a", "b", "a"].map((kind) => limit.isDue(kind)),
    [true, false, true, false],
  );
  t.mock.timers.tick(59_999);
  assert.equal(limit.isDue("a"), false);
  t.mock.timers.tick(1);
  assert.deepEqual(
    ["a", "a", "b"].map((kind) => limit.isDue(kind)),
    [true, false, true],
  );
});

test("no more kinds of warnings are remembered than its bound, and later ones wait until one is forgotten", (t) => {
  t.mock.timers.enable({ apis: ["Date"] });
  const limit = new WarningLimit(2);
  assert.deepEqual(
    ["a", "b", "c"].map((kind) => limit.isDue(kind)),
    [true, true, false],
  );
  t.mock.timers.tick(60_000);
  assert.deepEqual(
    ["c", "d", "a"].map((kind) => limit.isDue(kind)),
    [true, true, false],
  );
});
