import assert from "node:assert/strict";
import { test } from "node:test";
import { columnAt, columnsOf } from "../../../../../src/web/views/metrics/columns.ts";

const line = (values: readonly (number | null | undefined)[]) => ({
  key: "",
  label: "",
  values,
  newest: undefined,
  least: undefined,
  most: undefined,
});

test("a column of a heat map begins where the one before ends, and not in a gap", () => {
  const times = Array.from({ length: 16 }, (_, i) => i);
  const first = line([undefined, 4, undefined, undefined, 5, ...new Array(8).fill(null), 1]);
  const second = line([undefined, undefined, undefined, undefined, undefined, undefined, 2]);
  const columns = columnsOf({ times, lines: [first, second] });
  assert.deepEqual(columns, [
    { from: 0, step: 1 },
    { from: 2, step: 4 },
    { from: 5, step: 6 },
    { from: 7, step: 13 },
  ]);
  assert.deepEqual(columnAt(columns, 3), { from: 2, step: 4 });
  assert.equal(columnAt(columns, 15), undefined);
  assert.deepEqual(columnsOf({ times: [], lines: [] }), []);
});

test("a column of a heat map does not reach over a time in which nothing came", () => {
  const times = Array.from({ length: 30 }, (_, i) => i);
  const values = new Array(30).fill(undefined);
  for (const step of [2, 4, 6, 20, 22]) values[step] = 1;
  const columns = columnsOf({ times, lines: [line(values)] });
  assert.deepEqual(columns.slice(2), [
    { from: 5, step: 6 },
    { from: 19, step: 20 },
    { from: 21, step: 22 },
  ]);
});
