import assert from "node:assert/strict";
import { test } from "node:test";
import {
  nextPlace,
  noRows,
  type RowRules,
  released,
  withOlder,
  withPage,
} from "../../../../src/web/state/live-rows.ts";

interface Item {
  readonly key: string;
  readonly count: number;
}

const rules: RowRules<Item> = {
  keyOf: ({ key }) => key,
  firstPageSize: 2,
  newSize: 3,
  pageSize: 4,
  maxRows: 4,
};
const items = (...keys: string[]): readonly Item[] => keys.map((key) => ({ key, count: 1 }));
const page = (cursor: string, ...keys: string[]) => ({
  items: items(...keys),
  cursor,
  previous: `before ${cursor}`,
  missed: 0,
});
const keys = (rows: readonly Item[]) => rows.map(({ key }) => key).join("");

test("a page follows the one before, and the oldest rows go", () => {
  let rows = withPage(noRows<Item>(), page("1", "a", "b", "c"), false, rules);
  assert.deepEqual([keys(rows.shown), rows.cursor, rows.skipped], ["abc", "1", false]);
  rows = withPage(rows, page("2", "d", "e"), false, rules);
  assert.deepEqual([keys(rows.shown), rows.cursor], ["bcde", "2"]);
});

test("an item that comes again moves to the end, with what it is now", () => {
  let rows = withPage(noRows<Item>(), page("1", "a", "b"), false, rules);
  rows = withPage(
    rows,
    { items: [{ key: "a", count: 2 }], cursor: "2", previous: "", missed: 0 },
    false,
    rules,
  );
  assert.deepEqual(rows.shown, [
    { key: "b", count: 1 },
    { key: "a", count: 2 },
  ]);
});

test("a row of a paused list shows what its item is now, where it stands", () => {
  let rows = withPage(noRows<Item>(), page("1", "a", "b"), false, rules);
  rows = withPage(rows, page("2", "c"), true, rules);
  const again = (...keysOf: string[]) => keysOf.map((key) => ({ key, count: 2 }));
  rows = withPage(rows, { ...page("3"), items: again("a", "c", "d") }, true, rules);
  assert.deepEqual(rows.shown, [{ key: "a", count: 2 }, ...items("b")]);
  assert.deepEqual(rows.waiting, again("c", "d"));
  assert.equal(keys(released(rows, rules).shown), "abcd");
});

test("items that have changed stay where they are, and those that are no rows are left out", () => {
  let rows = withPage(noRows<Item>(), page("1", "a", "b"), false, rules);
  rows = withPage(
    rows,
    { ...page("2", "c"), changed: [{ key: "a", count: 2 }, ...items("x")] },
    false,
    rules,
  );
  assert.deepEqual(rows.shown, [{ key: "a", count: 2 }, ...items("b", "c")]);
});

test("a paused list keeps its rows, and shows what waits when it goes on", () => {
  let rows = withPage(noRows<Item>(), page("1", "a"), false, rules);
  rows = withPage(rows, page("2", "b"), true, rules);
  rows = withPage(rows, page("3", "c"), true, rules);
  assert.deepEqual([keys(rows.shown), keys(rows.waiting)], ["a", "bc"]);
  rows = released(rows, rules);
  assert.deepEqual([keys(rows.shown), keys(rows.waiting)], ["abc", ""]);
});

test("what waited is not lost when a list goes on with a page", () => {
  let rows = withPage(noRows<Item>(), page("1", "a"), false, rules);
  rows = withPage(rows, page("2", "b"), true, rules);
  rows = withPage(rows, page("3", "c"), false, rules);
  assert.deepEqual([keys(rows.shown)], ["abc"]);
});

test("the first page is shown even where the pointer rests", () => {
  assert.equal(keys(withPage(noRows<Item>(), page("1", "a"), true, rules).shown), "a");
});

test("a list that falls behind goes on with the newest page, and says so", () => {
  let rows = withPage(noRows<Item>(), page("1", "a"), false, rules);
  rows = withPage(rows, page("2", "b", "c", "d"), false, rules);
  assert.deepEqual([rows.cursor, rows.skipped], ["2", true]);
  assert.deepEqual(nextPlace(rows, rules), { after: "2", newest: true, limit: 3 });
});

test("a list that was empty can go back to what came with its first items", () => {
  let rows = withPage(noRows<Item>(), page("1"), false, rules);
  rows = withPage(rows, { ...page("2", "b", "c"), previous: "1.5" }, false, rules);
  assert.deepEqual([keys(rows.shown), rows.previous, rows.skipped], ["bc", "1.5", false]);
  rows = withPage(rows, { ...page("3", "d"), previous: "2" }, false, rules);
  assert.equal(rows.previous, "1.5");
});

test("items that cannot be decoded are added up, those of older pages too", () => {
  let rows = withPage(noRows<Item>(), { ...page("1", "a"), unreadable: 2 }, false, rules);
  rows = withPage(rows, page("2", "b"), false, rules);
  assert.equal(withOlder(rows, { ...page("0", "c"), unreadable: 3 }, rules).unreadable, 5);
});

test("items that were missed are added up", () => {
  let rows = withPage(noRows<Item>(), page("1", "a"), false, rules);
  rows = withPage(rows, { items: [], cursor: "2", previous: "", missed: 5 }, false, rules);
  rows = withPage(rows, { items: [], cursor: "3", previous: "", missed: 2 }, true, rules);
  assert.equal(rows.missed, 7);
});

test("older items go below the rows, without those that are shown, until as many are kept as may", () => {
  let rows = withPage(noRows<Item>(), page("5", "d", "e"), false, rules);
  rows = withPage(rows, page("6", "f"), false, rules);
  assert.equal(rows.previous, "before 5");
  rows = withOlder(rows, { ...page("0", "c", "e"), previous: "before 3" }, rules);
  assert.deepEqual([keys(rows.shown), rows.cursor, rows.previous], ["cdef", "6", "before 3"]);
  rows = withOlder(rows, page("0", "a", "b"), rules);
  assert.deepEqual([keys(rows.shown), rows.previous], ["cdef", ""]);
});

test("the first page is small, and the others go on at its cursor", () => {
  assert.deepEqual(nextPlace(noRows<Item>(), rules), { after: "", newest: true, limit: 2 });
  assert.deepEqual(nextPlace(withPage(noRows<Item>(), page("1", "a"), false, rules), rules), {
    after: "1",
    newest: true,
    limit: 3,
  });
});
