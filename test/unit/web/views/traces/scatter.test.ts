import assert from "node:assert/strict";
import { test } from "node:test";
import type { TraceSummaryJson } from "../../../../../gen/obsvty/v1/query_pb.ts";
import {
  areaParams,
  durationTicks,
  outsideParams,
  pointAt,
  scatterPlan,
  scatterText,
  timeTicks,
} from "../../../../../src/web/views/traces/scatter.ts";

const trace = (second: string, duration: string, errorCount = 0): TraceSummaryJson => ({
  traceId: second,
  startTime: `2026-11-27T10:00:${second}Z`,
  duration,
  errorCount,
});

const traces = [trace("01.5", "0.001s"), trace("05.5", "0.100s", 1), trace("19", "0.002s")];

test("edges of the plot are whole steps of time and powers of ten of durations", () => {
  const plan = scatterPlan(traces)!;
  assert.deepEqual(
    [plan.from, plan.span, plan.low, plan.high],
    [BigInt(Date.parse("2026-11-27T10:00:01Z")) * 1_000_000n, 19_000_000_000n, 6, 9],
  );
  assert.deepEqual(
    plan.points.map(({ x, y, failed }) => [x.toFixed(3), y.toFixed(3), failed]),
    [
      ["0.026", "1.000", false],
      ["0.237", "0.333", true],
      ["0.947", "0.900", false],
    ],
  );
});

test("a trace alone, and traces at the ends of a step, stand clear of the edges of time", () => {
  const alone = scatterPlan([trace("01", "0.001s")])!;
  assert.deepEqual([alone.points[0]?.x, timeTicks(alone, "utc", 9).length], [0.5, 1]);
  const { points } = scatterPlan([trace("01", "0.001s"), trace("19.999", "0.001s")])!;
  for (const { x } of points) assert.ok(x > 0.01 && x < 0.99, `${x}`);
});

test("a new trace moves the edges only when it goes over them", () => {
  const before = scatterPlan(traces)!;
  const after = scatterPlan([...traces, trace("19.7", "0.5s")])!;
  assert.deepEqual([after.from, after.span, after.high], [before.from, before.span, before.high]);
});

test("nothing to show has no plot, and traces without a start or a duration are left out", () => {
  assert.equal(scatterPlan([]), undefined);
  assert.equal(scatterPlan([{ startTime: "2026-11-27T10:00:01Z" }, { duration: "1s" }]), undefined);
  assert.equal(scatterPlan([trace("01", "0s"), { duration: "1s" }])?.points.length, 1);
});

test("ticks are times and durations that are easy to read", () => {
  const plan = scatterPlan([trace("03", "0.000010s"), trace("55", "20s")])!;
  assert.deepEqual(
    timeTicks(plan, "utc", 4, Date.parse("2026-11-27T12:00:00Z")).map(({ label }) => label),
    ["10:00:15", "10:00:30", "10:00:45"],
  );
  assert.deepEqual(
    durationTicks(plan).map(({ label }) => label),
    ["10 µs", "1 ms", "100 ms", "10 s"],
  );
  assert.deepEqual(
    durationTicks(scatterPlan(traces)!).map(({ label }) => label),
    ["1 ms", "10 ms", "100 ms", "1 s"],
  );
});

test("a time at the right edge, of which half the label would be out of the window, has no tick", () => {
  const plan = scatterPlan([trace("03", "0.000010s"), trace("46", "20s")])!;
  const labels = (most: number) =>
    timeTicks(plan, "utc", most, Date.parse("2026-11-27T12:00:00Z")).map(({ label }) => label);
  assert.deepEqual(labels(4), ["10:00:15", "10:00:30"]);
});

test("the point that is nearest is found, within so many pixels", () => {
  const plan = scatterPlan(traces)!;
  const size = { width: 1_000, height: 100 };
  assert.equal(pointAt(plan, { x: 0.24, y: 0.35 }, size, 10)?.trace.traceId, "05.5");
  assert.equal(pointAt(plan, { x: 0.3, y: 0.35 }, size, 10), undefined);
});

test("a part of the plot is a range of time and duration that holds what is in it", () => {
  const plan = scatterPlan(traces)!;
  assert.deepEqual(areaParams(plan, { left: 0.1, right: 0.5, top: 0.1, bottom: 0.9 }), {
    since: "2026-11-27T10:00:02.900000000Z",
    until: "2026-11-27T10:00:10.500000000Z",
    min: "1.9 ms",
    max: "510 ms",
  });
});

test("an edge of a part that is the edge of the plot sets no bound", () => {
  const plan = scatterPlan(traces)!;
  assert.deepEqual(areaParams(plan, { left: 0, right: 1, top: 0, bottom: 1 }), {
    since: "",
    until: "",
    min: "",
    max: "",
  });
});

test("what the plot shows is told in words", () => {
  assert.match(
    scatterText(scatterPlan(traces)!, "utc", Date.parse("2026-11-27T12:00:00Z")),
    /^3 traces from 10:00:01.500 to 10:00:19.000, durations from 1 ms to 100 ms, half of them over 2 ms, 1 with errors/,
  );
});

test("a trace that is years before the others is outside of the plot, which says so and leads to it", () => {
  const old = { traceId: "old", startTime: "1970-01-01T00:00:00Z", duration: "0.5s" };
  const plan = scatterPlan([old, ...traces])!;
  const without = scatterPlan(traces)!;
  assert.deepEqual([plan.earlier, plan.later, plan.from, plan.span], [1, 0, without.from, without.span]);
  assert.equal(plan.points.length, 3);
  assert.match(scatterText(plan, "utc"), /1 earlier and 0 later ones lie outside\./);
  assert.deepEqual(outsideParams(plan, "earlier"), { since: "", until: "2026-11-27T10:00:01.000000000Z" });
  const all = areaParams(plan, { left: 0, right: 1, top: 0, bottom: 1 });
  assert.deepEqual([all.since, all.until], ["2026-11-27T10:00:01.000000000Z", ""]);
});
