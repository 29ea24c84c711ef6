import assert from "node:assert/strict";
import { test } from "node:test";
import {
  listPauseMs,
  mostWeight,
  newestHeld,
  nextPlace,
  noRows,
  placeOfSkipped,
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

test("rows that are none any more go, and those of a paused list when it goes on", () => {
  const first = withPage(noRows<Item>(), { ...page("1", "a", "b"), previous: "0" }, false, rules);
  const free = withPage(first, { ...page("2", "c"), gone: ["a", "c", "x"] }, false, rules);
  assert.deepEqual([keys(free.shown), free.going, free.previous], ["b", [], "0"]);
  let held = withPage(first, page("2", "c"), true, rules);
  assert.equal(held.goneUnknown, false);
  assert.equal(withPage(held, { ...page("3"), goneUnknown: true }, true, rules).goneUnknown, true);
  held = withPage(held, { ...page("3"), gone: ["b", "c"] }, true, rules);
  assert.deepEqual([keys(held.shown), keys(held.waiting)], ["ab", "c"]);
  assert.deepEqual([keys(released(held, rules).shown), released(held, rules).going], ["a", []]);
  assert.equal(keys(withPage(held, page("4", "d"), false, rules).shown), "ad");
  // It came again, for which it must be a row.
  assert.equal(keys(withPage(held, page("4", "b"), false, rules).shown), "ab");
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

test("of rows that are large, fewer are kept, and no older ones are loaded then", () => {
  const of = (cursor: string, share: number, ...keys: string[]) => {
    const large = keys.map((key) => ({ key, count: 1, body: ["x".repeat(mostWeight * share)] }));
    return { ...page(cursor), items: large };
  };
  let rows = withPage(noRows<Item>(), of("1", 1 / 3, "a", "b"), false, rules);
  rows = withPage(rows, of("2", 1 / 3, "c"), false, rules);
  assert.equal(keys(rows.shown), "bc");
  rows = withOlder(rows, of("0", 1 / 3, "0"), rules);
  assert.deepEqual([keys(rows.shown), rows.previous], ["bc", ""]);
  rows = withPage(rows, of("3", 1, "d"), false, rules);
  assert.equal(keys(rows.shown), "d");
});

test("where rows were dropped, no older ones are loaded below those that are left", () => {
  let rows = withPage(noRows<Item>(), page("1", "a", "b", "c"), false, rules);
  rows = withPage(rows, page("2", "a"), false, rules);
  assert.deepEqual([keys(rows.shown), rows.previous], ["bca", "before 1"]);
  rows = withPage(rows, page("3", "d", "e"), false, rules);
  assert.deepEqual([keys(rows.shown), rows.previous], ["cade", ""]);
});

test("before a heavy page of fewer items than it may have, others are looked for that were skipped", () => {
  const heavy = { ...page("2", "b"), items: [{ key: "b", count: 1, body: "x".repeat(2 << 20) }] };
  const light = withPage(noRows<Item>(), page("1", "a"), false, rules);
  assert.deepEqual(placeOfSkipped(light, heavy, rules), { after: "1", before: "before 2", limit: 1 });
  assert.equal(placeOfSkipped(noRows<Item>(), heavy, rules), undefined);
  assert.equal(placeOfSkipped(light, { ...heavy, previous: "" }, rules), undefined);
  assert.equal(placeOfSkipped(light, page("2", "b", "c"), rules), undefined);
  assert.equal(placeOfSkipped(light, page("2", "b"), rules), undefined);
  assert.equal(withPage(light, { ...heavy, skipped: true }, false, rules).skipped, true);
  assert.equal(withPage(light, { ...heavy, skipped: false }, false, rules).skipped, false);
});

test("of more rows than items are held the newest are left, and all while it is not known how many are", () => {
  const rows = items("a", "b", "c");
  assert.equal(keys(newestHeld(rows, 2)), "bc");
  assert.equal(newestHeld(rows, 3), rows);
  assert.equal(newestHeld(rows, 0), rows);
});

test("a list asks twice a second, and less often while more comes than it can show, until a short pause is enough", () => {
  const pauses = Array.from({ length: 9 }, (_, floodPages) => listPauseMs(floodPages));
  assert.deepEqual(pauses, [500, 1_000, 2_500, 2_500, 500, 2_500, 2_500, 2_500, 500]);
});
