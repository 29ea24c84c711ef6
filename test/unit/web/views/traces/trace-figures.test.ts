import assert from "node:assert/strict";
import { test } from "node:test";
import {
  inOrderOf,
  isRange,
  listedTraces,
  type Sort,
  sortOf,
} from "../../../../../src/web/views/traces/trace-figures.ts";

const traces = [
  { traceId: "a", startTime: "2026-11-27T10:00:00Z", duration: "0.010s" },
  { traceId: "b", startTime: "2026-11-27T10:00:01Z" },
  { traceId: "c", startTime: "2026-11-27T10:00:02Z", duration: "0.500s" },
  { traceId: "d", startTime: "2026-11-27T10:00:03Z", duration: "0.020s" },
];
const ids = (params: Record<string, string>, sort: Sort) =>
  listedTraces(traces, params, sort)
    .map(({ traceId }) => traceId)
    .join("");

test("traces are listed by the newest or by the slowest, those without a duration last", () => {
  assert.equal(ids({}, "newest"), "dcba");
  assert.equal(ids({}, "slowest"), "cdab");
});

test("a range alone means times and durations of whole traces, and beside other filters those of spans", () => {
  assert.equal(ids({ max: "100ms" }, "newest"), "dba");
  assert.equal(ids({ since: "2026-11-27T10:00:01Z", max: "1s" }, "newest"), "dcb");
  assert.equal(ids({ service: "shop", max: "100ms" }, "newest"), "dcba");
  assert.equal(isRange({ min: "1s", until: "2026-11-27T10:00:01Z", tz: "utc", sort: "slowest" }), true);
  assert.equal(isRange({ min: "1s", status: "error" }), false);
  // What is excluded is said of the whole trace, too.
  assert.equal(isRange({ min: "1s", "not.status": "error", "not.max": "2s" }), true);
  assert.equal(ids({ max: "100ms", "not.min": "20ms" }, "newest"), ids({ max: "100ms" }, "newest"));
});

test("traces keep their order while it is held, with what they are now", () => {
  const trace = (traceId: string, spanCount = 1) => ({ traceId, spanCount });
  assert.deepEqual(
    inOrderOf([trace("a"), trace("b"), trace("gone")], [trace("new"), trace("b", 2), trace("a")]),
    [trace("a"), trace("b", 2), trace("new")],
  );
});

test("traces are listed by their spans or errors, and of those that are alike the newest first", () => {
  const of = (sort: Sort) =>
    listedTraces(
      [
        { traceId: "a", spanCount: 9, errorCount: 1 },
        { traceId: "b", spanCount: 2 },
        { traceId: "c", spanCount: 9, errorCount: 3 },
      ],
      {},
      sort,
    ).map(({ traceId }) => traceId);
  assert.deepEqual(
    [of("spans"), of("errors")],
    [
      ["c", "a", "b"],
      ["c", "a", "b"],
    ],
  );
  assert.deepEqual(
    [sortOf("errors"), sortOf("constructor"), sortOf(undefined)],
    ["errors", "newest", "newest"],
  );
});
