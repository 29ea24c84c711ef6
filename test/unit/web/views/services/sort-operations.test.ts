import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOrder, orderOf, sortOperations } from "../../../../../src/web/views/services/sort-operations.ts";

const groups = [
  { group: { service: "b", name: "one" }, count: 3, errorCount: 1, p95: "0.010s", rate: 1.5 },
  { group: { service: "a", name: "two" }, count: 9, p95: "1.000000001s", rate: 12 },
  { group: { service: "c", name: "three" }, count: 1, errorCount: 7, p95: "0.9s" },
];
const names = (order: string | undefined) =>
  sortOperations(groups, orderOf(order)).map(({ group }) => group?.name);

test("operations are sorted by any column, in both directions", () => {
  assert.deepEqual(names(undefined), ["two", "one", "three"]);
  assert.deepEqual(names("service"), ["two", "one", "three"]);
  assert.deepEqual(names("-p95"), ["two", "three", "one"]);
  assert.deepEqual(names("rate"), ["three", "one", "two"]);
  assert.deepEqual(names("-errorCount"), ["three", "one", "two"]);
});

test("a column that is unknown sorts by the count", () => {
  for (const text of ["", "-", "toString", "-nothing"]) {
    assert.deepEqual(orderOf(text), { column: "count", largestFirst: true });
  }
});

test("choosing a column begins with the largest figure or the first text, and turns around the second time", () => {
  assert.equal(nextOrder(orderOf(undefined), "p99"), "-p99");
  assert.equal(nextOrder(orderOf("-p99"), "p99"), "p99");
  assert.equal(nextOrder(orderOf("-p99"), "service"), "service");
  assert.equal(nextOrder(orderOf("service"), "service"), "-service");
});
