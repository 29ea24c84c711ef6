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

test("the find of a list looks at values and keys of attributes, and not at the API's own names", () => {
  const records = [
    {
      observedTime: "2026-11-23T10:00:00Z",
      severity: "SEVERITY_NUMBER_WARN2",
      body: { order: { id: 7 }, lines: ["a", "b"] },
      attributes: { "body.kind": null },
      scope: { name: "shop", attributes: { team: "pay" } },
      resource: { "service.name": "shop" },
      cursor: "observed",
    },
  ];
  for (const text of [
    "warn2",
    "order",
    "7",
    "body.kind",
    "null",
    "team",
    "PAY",
    "service.name",
    "2026-11-23",
  ]) {
    assert.deepEqual(foundRows(records, text), [0], text);
  }
  for (const text of ["observed", "severity", "number", "scope", "attributes", '":"']) {
    assert.deepEqual(foundRows(records, text), [], text);
  }
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
