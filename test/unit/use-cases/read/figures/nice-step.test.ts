import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { niceSteps } from "../../../../../src/use-cases/read/figures/nice-step.ts";

const second = 1_000_000_000n;

test("nice steps of time are the shortest that people read easily", () => {
  for (const [seconds, count, step] of [
    [60n, 60, second],
    [61n, 60, 2n * second],
    [300n, 60, 5n * second],
    [3_600n, 60, 60n * second],
    [3_600n, 500, 10n * second],
    [86_400n, 60, 1_800n * second],
    [86_400n * 365n, 60, 86_400n * 10n * second],
  ] as const) {
    assert.equal(niceSteps(0n, seconds * second, count).stepNano, step, `${seconds} s in ${count}`);
  }
});

test("nice steps of time are no longer than a duration of protobuf may be", () => {
  const end = BigInt(Date.UTC(9_999, 11, 31)) * 1_000_000n;
  assert.deepEqual(niceSteps(0n, end, 1), {
    startUnixNano: 0n,
    stepNano: 315_576_000_000n * second,
    count: 1,
  });
});

test("nice steps of time reach over the whole window, and are no more than are asked for", () => {
  const time = fc.bigInt({ min: 0n, max: 2n ** 65n });
  fc.assert(
    fc.property(
      time,
      fc.bigInt({ min: 1n, max: 2n ** 64n }),
      fc.integer({ min: 1, max: 500 }),
      (start, range, most) => {
        const { startUnixNano, stepNano, count } = niceSteps(start, start + range, most);
        assert.ok(count >= 1 && count <= most);
        assert.equal(startUnixNano % stepNano, 0n);
        assert.ok(startUnixNano <= start && start < startUnixNano + stepNano);
        assert.ok(startUnixNano + stepNano * BigInt(count) >= start + range);
        assert.ok(startUnixNano + stepNano * BigInt(count - 1) < start + range);
      },
    ),
  );
});
