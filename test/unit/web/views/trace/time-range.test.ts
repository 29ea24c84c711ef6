import assert from "node:assert/strict";
import { test } from "node:test";
import {
  axisTicks,
  barOf,
  edgeMoved,
  rangeOf,
  rangeWith,
  shapeOf,
  zoomed,
} from "../../../../../src/web/views/trace/time-range.ts";

test("a bar lies where its span lies in the range, and is cut at its ends", () => {
  const range = { fromNs: 0, toNs: 1_000 };
  assert.deepEqual(barOf({ startNs: 250, durationNs: 500 }, range), { left: 25, width: 50 });
  assert.deepEqual(barOf({ startNs: 500, durationNs: 5_000 }, range), { left: 50, width: 50 });
  assert.deepEqual(barOf({ startNs: 500, durationNs: -5 }, range), { left: 50, width: 0 });
  assert.deepEqual(barOf({ startNs: 500, durationNs: undefined }, range), { left: 50, width: 0 });
  assert.equal(barOf({ startNs: 2_000, durationNs: 1 }, range), undefined);
  assert.equal(barOf({ startNs: undefined, durationNs: 1 }, range), undefined);
});

test("an axis has a few round times", () => {
  assert.deepEqual(axisTicks({ fromNs: 0, toNs: 1_000 }, 5), [0, 200, 400, 600, 800, 1_000]);
  assert.deepEqual(axisTicks({ fromNs: 150, toNs: 430 }, 4), [200, 300, 400]);
  assert.deepEqual(axisTicks({ fromNs: 0, toNs: 0 }, 4), [0]);
});

test("a trace of decades, in which a double skips nanoseconds, has an axis and can be looked at closer", () => {
  // A span that began in 1970 beside one of today.
  const whole = { fromNs: 0, toNs: 1.8e18 };
  for (const length of [256, 512, 1_024, 4_096, 1e6, 1e12]) {
    const ticks = axisTicks({ fromNs: 1.7e18, toNs: 1.7e18 + length }, 5);
    assert.ok(ticks.length <= 6, `${ticks.length} times in ${length} ns`);
    assert.equal(new Set(ticks).size, ticks.length);
  }
  let range = zoomed(whole, 1 / 2, 1.7e18, whole);
  for (let step = 0; step < 80; step++) range = zoomed(range, 1 / 2, 1.7e18, whole);
  assert.ok(range.toNs > range.fromNs && range.toNs - range.fromNs < 10_000);
  assert.ok(range.fromNs <= 1.7e18 && range.toNs >= 1.7e18);
});

test("the address tells a part of the time of a trace, and the whole when it tells none", () => {
  const whole = { fromNs: 0, toNs: 1_000 };
  assert.deepEqual(rangeOf({ from: "100", to: "200" }, whole), { fromNs: 100, toNs: 200 });
  assert.deepEqual(rangeOf({ from: "0", to: "5000" }, whole), { fromNs: 0, toNs: 1_000 });
  for (const params of [
    {},
    { from: "1" },
    { from: "9", to: "3" },
    { from: "x", to: "y" },
    { from: "2000", to: "3000" },
  ]) {
    assert.equal(rangeOf(params, whole), whole);
  }
});

test("looking closer keeps its middle, and stays within the trace", () => {
  const whole = { fromNs: 0, toNs: 1_000 };
  assert.deepEqual(zoomed(whole, 1 / 2, 500, whole), { fromNs: 250, toNs: 750 });
  assert.deepEqual(zoomed({ fromNs: 0, toNs: 100 }, 1 / 2, 0, whole), { fromNs: 0, toNs: 50 });
  assert.deepEqual(zoomed({ fromNs: 900, toNs: 1_000 }, 2, 950, whole), { fromNs: 800, toNs: 1_000 });
  assert.equal(zoomed({ fromNs: 0, toNs: 600 }, 2, 300, whole), whole);
  assert.deepEqual(zoomed({ fromNs: 500, toNs: 510 }, 1 / 2, 505, whole), { fromNs: 500, toNs: 510 });
});

test("a part of the time is moved to a span that lies outside it, and widened to one that is longer", () => {
  const whole = { fromNs: 0, toNs: 1_000 };
  const range = { fromNs: 100, toNs: 300 };
  const seen = (startNs: number | undefined, durationNs?: number) =>
    rangeWith(range, { startNs, durationNs }, whole);
  assert.equal(seen(100, 200), range);
  assert.equal(seen(undefined), range);
  assert.deepEqual(seen(600, 20), { fromNs: 510, toNs: 710 });
  assert.deepEqual(seen(990), { fromNs: 800, toNs: 1_000 });
  // Partly outside.
  assert.deepEqual(seen(280, 40), { fromNs: 200, toNs: 400 });
  assert.deepEqual(seen(300, 400), { fromNs: 280, toNs: 720 });
  assert.equal(seen(0, 1_000), whole);
});

test("spans become one shape, of which pieces that touch are one", () => {
  const range = { fromNs: 0, toNs: 1_000 };
  const at = (startNs: number, durationNs: number) => ({ startNs, durationNs });
  assert.equal(shapeOf([at(500, 100), at(0, 10), at(10, 10)], range), "M0 0H20V1H0zM500 0H600V1H500z");
  assert.equal(shapeOf([at(1_000, 0)], range), "M998 0H1000V1H998z");
  assert.equal(shapeOf([at(2_000, 10), { startNs: undefined, durationNs: 1 }], range), "");
  const many = Array.from({ length: 100_000 }, (_, i) => at(i * 2, 1));
  assert.ok(shapeOf(many, { fromNs: 0, toNs: 200_000 }).length < 20_000);
});

test("an edge of a range is moved within the whole and not over the other edge", () => {
  const whole = { fromNs: 0, toNs: 1_000 };
  const range = { fromNs: 200, toNs: 600 };
  assert.deepEqual(edgeMoved(range, "fromNs", 300.4, whole), { fromNs: 300, toNs: 600 });
  assert.deepEqual(edgeMoved(range, "fromNs", -5, whole), { fromNs: 0, toNs: 600 });
  assert.deepEqual(edgeMoved(range, "fromNs", 900, whole), { fromNs: 599, toNs: 600 });
  assert.deepEqual(edgeMoved(range, "toNs", 2_000, whole), { fromNs: 200, toNs: 1_000 });
  assert.deepEqual(edgeMoved(range, "toNs", 0, whole), { fromNs: 200, toNs: 201 });
});
