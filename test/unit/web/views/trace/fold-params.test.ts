import assert from "node:assert/strict";
import { test } from "node:test";
import {
  eachNodes,
  eachText,
  foldedNodes,
  foldText,
} from "../../../../../src/web/views/trace/fold-params.ts";
import { spanNodes } from "../../../../../src/web/views/trace/span-nodes.ts";
import { repeatsOf } from "../../../../../src/web/views/trace/waterfall.ts";

/** A root with 20 children, each with a child that has 6 alike below it. */
const nodes = spanNodes({
  spans: [
    { spanId: "root", depth: 0 },
    ...Array.from({ length: 20 }, (_, at) => [
      { spanId: `child${at}`, depth: 1 },
      { spanId: `grandchild${at}`, depth: 2 },
      ...Array.from({ length: 6 }, (_, query) => ({
        spanId: `query${at}x${query}`,
        name: "SELECT",
        depth: 3,
      })),
    ]).flat(),
  ],
});
const indexOf = new Map(nodes.map(({ key }, index) => [key, index]));
const parents = nodes.flatMap(({ end }, index) => (end > index + 1 ? [index] : []));
const at = (key: string) => indexOf.get(key) ?? -1;

function readAgain(folded: Iterable<number>): string {
  const set = new Set(folded);
  const text = foldText(nodes, set);
  assert.deepEqual([...foldedNodes(nodes, indexOf, text)].sort(), [...set].sort(), text);
  return text;
}

test("folds are read from the address as they were written, and are short", () => {
  assert.equal(readAgain([]), "");
  assert.equal(readAgain([at("child3"), at("grandchild4")]), "_child3_grandchild4");
  const deep = (depth: number) => parents.filter((index) => (nodes[index]?.depth ?? 0) >= depth);
  assert.equal(readAgain(deep(0)), "0");
  assert.equal(readAgain(deep(2)), "2");
  // All but one, and one more.
  assert.equal(readAgain(deep(1).filter((index) => index !== at("child7"))), "1_child7");
  assert.equal(readAgain([...deep(2), at("child7")]), "2_child7");
});

test("folds of spans that are not there, or that have nothing below them, are none", () => {
  for (const text of ["_gone", "_query1x2", "_", "", "constructor", "9", "-1"]) {
    assert.deepEqual([...foldedNodes(nodes, indexOf, text)], [], text);
  }
});

test("rows of spans alike that are shown one by one are read from the address as they were written", () => {
  const repeats = repeatsOf(nodes, new Map());
  assert.equal(repeats.size, 20);
  const each = (opened: Iterable<number>) => {
    const set = new Set(opened);
    const text = eachText(nodes, repeats, set);
    assert.deepEqual([...eachNodes(repeats, indexOf, text)].sort(), [...set].sort(), text);
    return text;
  };
  assert.equal(each([]), "");
  assert.equal(each([at("query3x0")]), "query3x0");
  assert.equal(each(repeats.keys()), "all");
});
