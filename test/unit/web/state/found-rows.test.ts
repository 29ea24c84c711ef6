import assert from "node:assert/strict";
import { test } from "node:test";
import { clockTime } from "../../../../src/web/format/time.ts";
import { foundRows, nextFound } from "../../../../src/web/state/found-rows.ts";

const items = [
  { body: "Card declined" },
  { body: "ok", attributes: { "card.id": 'a "quoted" one' } },
  { body: "ok", cursor: "c2VjcmV0" },
];

test("the find of a list looks at all that is known of an item, in any case", () => {
  assert.deepEqual(foundRows(items, "CARD", "utc"), [0, 1]);
  assert.deepEqual(foundRows(items, 'a "quoted"', "utc"), [1]);
  assert.deepEqual(foundRows(items, "nothing", "utc"), []);
  assert.deepEqual(foundRows(items, "c2Vj", "utc"), []);
  assert.deepEqual(foundRows(items, "", "utc"), []);
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
    assert.deepEqual(foundRows(records, text, "utc"), [0], text);
  }
  for (const text of ["observed", "severity", "number", "scope", "attributes", '":"']) {
    assert.deepEqual(foundRows(records, text, "utc"), [], text);
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

test("the find of a list looks at times and durations as they are shown, in the zone that is shown", () => {
  const traces = [{ startTime: "2026-11-23T10:00:00.123456789Z", duration: "0.001500s" }];
  for (const text of ["23 Nov 10:00:00.123", "23 nov 2026 10:00", "10:00:00.123456789 UTC", "1.5 ms"]) {
    assert.deepEqual(foundRows(traces, text, "utc"), [0], text);
  }
  for (const text of ["T10:00", "0.001500s"]) assert.deepEqual(foundRows(traces, text, "utc"), [], text);
  const local = clockTime(BigInt(Date.parse("2026-11-23T10:00:00.123Z")) * 1_000_000n, "local");
  assert.deepEqual(foundRows(traces, local, "local"), [0]);
});
