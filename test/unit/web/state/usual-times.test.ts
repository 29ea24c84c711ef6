import assert from "node:assert/strict";
import { test } from "node:test";
import { usualTimes } from "../../../../src/web/state/usual-times.ts";

const second = 1_000_000_000n;
const now = 1_795_428_000n * second;
const ago = (seconds: number) => now - BigInt(seconds) * second;
const kept = (...times: readonly bigint[]) => {
  const { first, last } = usualTimes(times, now);
  return [first, times.length - 1 - last];
};

test("a few times that are years before or after all others are left outside of an axis", () => {
  const lately = [ago(9), ago(6), ago(3), ago(1)];
  assert.deepEqual(kept(1n, ...lately), [1, 0]);
  assert.deepEqual(kept(...lately, now * 3n), [0, 1]);
  const monthAgo = Array.from({ length: 40 }, (_, index) => ago(2_600_000 - index));
  assert.deepEqual(kept(1n, 2n, ...monthAgo, now * 3n), [2, 1]);
});

test("times of one day, of the last hour, and those that many share are all on the axis", () => {
  assert.deepEqual(kept(ago(50_000), ago(9), ago(8), ago(7)), [0, 0]);
  assert.deepEqual(kept(ago(900_003), ago(900_002), ago(900_001), ago(1)), [0, 0]);
  assert.deepEqual(kept(ago(900_002), ago(900_001), ago(2), ago(1)), [0, 0]);
  assert.deepEqual(kept(1n, now), [0, 0]);
  assert.deepEqual(kept(now), [0, 0]);
});

test("what is near to most times stays on the axis when others are left outside", () => {
  const most = Array.from({ length: 20 }, (_, index) => ago(900_000 - index));
  assert.deepEqual(kept(1n, ago(902_000), ...most), [1, 0]);
});
