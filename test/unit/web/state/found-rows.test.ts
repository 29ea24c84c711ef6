import assert from "node:assert/strict";
import { test } from "node:test";
import { foundRows, nextFound } from "../../../../src/web/state/found-rows.ts";

const items = [
  { body: "Card declined" },
  { body: "ok", attributes: { "card.id": 'a "quoted" one' } },
  { body: "ok", cursor: "c2VjcmV0" },
];

test("the find of a list looks at all that is known of an item, in any case", () => {
  assert.deepEqual(foundRows(items, "CARD"), [0, 1]);
  assert.deepEqual(foundRows(items, 'a "quoted"'), [1]);
  assert.deepEqual(foundRows(items, "nothing"), []);
  assert.deepEqual(foundRows(items, "c2Vj"), []);
  assert.deepEqual(foundRows(items, ""), []);
});

test("the find of a list goes to the next row and to the one before, and begins again at the other end", () => {
  assert.deepEqual(
    [-1, 0, 4, 9].map((from) => [nextFound([1, 4, 7], from, 1), nextFound([1, 4, 7], from, -1)]),
    [
      [1, 7],
      [1, 7],
      [7, 1],
      [1, 7],
    ],
  );
  assert.equal(nextFound([], 3, 1), -1);
});
