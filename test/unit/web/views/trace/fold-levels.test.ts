import assert from "node:assert/strict";
import { test } from "node:test";
import { levelCollapsed, levelExpanded } from "../../../../../src/web/views/trace/fold-levels.ts";
import { family as nodes } from "../../../../support/span-family.ts";

test("levels are collapsed from the deepest and expanded from the highest", () => {
  const [none, c, all] = [new Set<number>(), levelCollapsed(nodes, new Set()), new Set([0, 1])];
  assert.deepEqual(c, new Set([1]));
  assert.deepEqual(levelCollapsed(nodes, c), all);
  assert.deepEqual(levelCollapsed(nodes, all), all);
  assert.deepEqual(levelExpanded(nodes, all), c);
  assert.deepEqual(levelExpanded(nodes, c), none);
  assert.deepEqual(levelExpanded(nodes, none), none);
});
