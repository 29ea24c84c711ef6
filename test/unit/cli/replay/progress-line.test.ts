import assert from "node:assert/strict";
import { test } from "node:test";
import { progressLine } from "../../../../src/cli/replay/progress-line.ts";

const none = { bytesRead: 0, byteLength: undefined, items: 0, elapsedMs: 0, waitsFor: undefined };

test("the progress of a replay is a bar, what was answered, the rate and the time that is left", () => {
  const progress = { ...none, bytesRead: 450, byteLength: 1_000, items: 36_000, elapsedMs: 9_000 };
  assert.equal(progressLine(progress), "━━━━━━━━━───────────  45%  36,000 items  4,000/s  11 s left");
});

test("the progress of a replay from a pipe tells the bytes that were read", () => {
  assert.equal(progressLine({ ...none, bytesRead: 2 ** 20, items: 5 }), "1.0 MiB  5 items");
});

test("the progress of a replay says what is waited for", () => {
  const progress = {
    ...none,
    bytesRead: 5,
    byteLength: 10,
    elapsedMs: 2_000,
    waitsFor: "UNAVAILABLE, next try in 1 s",
  };
  assert.equal(progressLine(progress), "━━━━━━━━━━──────────  50%  0 items  UNAVAILABLE, next try in 1 s");
});

test("the progress of an empty file has no bar", () => {
  assert.equal(progressLine({ ...none, byteLength: 0 }), "0 B  0 items");
});
