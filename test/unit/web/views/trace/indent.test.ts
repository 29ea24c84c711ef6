import assert from "node:assert/strict";
import { test } from "node:test";
import { indentRoom, indentStyle, writtenLevel } from "../../../../../src/web/views/trace/indent.ts";

test("each level of a tree is told by its place or by its number, however deep and narrow it is", () => {
  for (const width of [0, 390, 1_024, 1_440, 2_560]) {
    const room = indentRoom(width);
    const told = Array.from({ length: 300 }, (_, depth) => {
      return `${indentStyle(depth, room).paddingLeft} ${writtenLevel(depth, room) ?? ""}`;
    });
    assert.equal(new Set(told).size, 300, `${width}`);
    const most = Number.parseInt(told.at(-1) ?? "", 10);
    assert.ok(most <= Math.max(12, width * 0.18), `${width}: ${most}`);
  }
});

test("a number that is written is the level that a screen reader is told", () => {
  const room = indentRoom(1_440);
  assert.equal(writtenLevel(3, room), undefined);
  assert.equal(writtenLevel(299, room), 300);
});
