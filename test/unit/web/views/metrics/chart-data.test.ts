import assert from "node:assert/strict";
import { test } from "node:test";
import { chartData, noData } from "../../../../../src/web/views/metrics/chart-data.ts";

const begin = Date.parse("2026-11-23T10:00:00Z");
const at = (step: number) => new Date(begin + step * 5_000).toISOString().replace(".000Z", "Z");
const answer = { startTime: at(0), step: "5s", steps: 12 };
const points = (...values: (readonly [step: number, value: number])[]) =>
  values.map(([step, value]) => ({ time: at(step), value }));

test("the values of a line stand at their steps", () => {
  const { times, lines } = chartData({
    ...answer,
    steps: 3,
    series: [{ points: points([0, 1], [1, 2], [2, 4]) }],
  });
  assert.deepEqual(times, [begin / 1_000, begin / 1_000 + 5, begin / 1_000 + 10]);
  assert.deepEqual(lines[0]?.values, [1, 2, 4]);
  assert.deepEqual([lines[0]?.newest, lines[0]?.least, lines[0]?.most], [4, 1, 4]);
});

test("a line goes on between values that come less often than steps, and has a gap where they fail to come", () => {
  const values = points([0, 1], [2, 2], [4, 3], [11, 4]);
  const { lines } = chartData({ ...answer, series: [{ points: values }] });
  const between = undefined;
  assert.deepEqual(lines[0]?.values, [1, between, 2, between, 3, null, null, null, null, null, null, 4]);
});

test("buckets are named by their limits, and have none where another bucket has some", () => {
  const { lines } = chartData(
    {
      ...answer,
      steps: 4,
      series: [
        { bucket: { low: "-Infinity", high: -1 }, points: points([2, 7]) },
        { bucket: { low: 0, high: 0 }, points: points([0, 1]) },
        { bucket: { low: 0, high: 0.5 }, points: points([0, 3], [2, 5]) },
        { bucket: { low: 2, high: "Infinity" }, points: [] },
      ],
    },
    (value) => `${value} s`,
  );
  assert.deepEqual(
    lines.map(({ label, values, newest, least, most }) => [label, values, newest, least, most]),
    [
      ["up to -1 s", [0, undefined, 7, undefined], 7, 0, 7],
      ["0 s", [1, undefined, 0, undefined], 0, 0, 1],
      ["0 s to 0.5 s", [3, undefined, 5, undefined], 5, 3, 5],
      ["above 2 s", [0, undefined, 0, undefined], 0, 0, 0],
    ],
  );
});

test("buckets whose limits agree in the figures that are shown have all figures", () => {
  const series = [1, 1.0001, 1.0002].map((low) => ({ bucket: { low, high: low + 0.0001 } }));
  const { lines } = chartData({ ...answer, series }, (value) => `${value.toPrecision(3)} s`);
  assert.equal(new Set(lines.map(({ label }) => label)).size, 3);
  assert.match(lines[1]?.label ?? "", /^1\.0001 to 1\.0002/);
});

test("a line is named by what its series have in common, without the name of the metric", () => {
  const groups = [
    { service: "shop", "attributes.b": "2", "attributes.a": "1" },
    { service: "", "attributes.a": "1" },
    { name: "requests" },
  ];
  const { lines } = chartData({ ...answer, series: groups.map((group) => ({ group })) });
  assert.deepEqual(
    lines.map(({ label }) => label),
    ["shop a=1 b=2", "(no service) a=1", "all"],
  );
});

test("exemplars of traces become marks at their time and value, the largest first", () => {
  const exemplars = [
    { time: at(1), doubleValue: 0.2, traceId: "aa", spanId: "bb" },
    { time: at(2), intValue: "7", traceId: "cc" },
    { time: at(2), doubleValue: 9 },
  ];
  const series = [{ points: [{ time: at(1), value: 1, exemplars }] }];
  assert.deepEqual(chartData({ ...answer, series }).marks, [
    { x: begin / 1_000 + 10, y: 7, line: 0, traceId: "cc", spanId: "" },
    { x: begin / 1_000 + 5, y: 0.2, line: 0, traceId: "aa", spanId: "bb" },
  ]);
});

test("a value that lies beside the window spoils no figure of a line", () => {
  const series = [{ points: points([1, 3], [40, 9]) }];
  const [line] = chartData({ ...answer, series }).lines;
  assert.deepEqual([line?.newest, line?.least, line?.most], [3, 3, 3]);
});

test("values that cannot be drawn are told, and are the newest but no bound of a line", () => {
  const odd = ["NaN", 1e308, "-Infinity"] as const;
  const series = [{ points: [...points([0, 3]), ...odd.map((value, i) => ({ time: at(i + 1), value }))] }];
  const { lines, notDrawn } = chartData({ ...answer, series });
  const [line] = lines;
  assert.deepEqual(line?.values.slice(0, 4), [3, null, null, null]);
  assert.deepEqual([line?.newest, line?.least, line?.most], [Number.NEGATIVE_INFINITY, 3, 1e308]);
  assert.equal(notDrawn, 3);
});

test("an exemplar whose value is no number is no mark", () => {
  const exemplars = [{ time: at(1), doubleValue: "NaN" as const, traceId: "aa", spanId: "bb" }];
  const series = [{ points: [{ time: at(1), value: 1, exemplars }] }];
  assert.deepEqual(chartData({ ...answer, series }).marks, []);
});

test("an answer in which nothing matched has nothing to draw", () => {
  assert.deepEqual(chartData({ function: "rate" }), noData);
});
