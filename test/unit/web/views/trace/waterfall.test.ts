import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutlineSpanJson } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { ancestors, spanNodes } from "../../../../../src/web/views/trace/span-nodes.ts";
import {
  type Mark,
  repeatsOf,
  repeatsWith,
  visibleRows,
} from "../../../../../src/web/views/trace/waterfall.ts";
import { family as nodes } from "../../../../support/span-family.ts";

const none = new Map<number, readonly Mark[]>();
const mark: Mark = { kind: "log", record: {}, key: "log 1", atNs: 1, text: "paid", failed: false };

function shown(collapsed: readonly number[], marks = none): string {
  return visibleRows(nodes, new Set(collapsed), marks)
    .map((row) => (row.kind === "mark" ? "*" : nodes[row.node]?.id))
    .join("");
}

test("a span that is collapsed hides all that is below it", () => {
  assert.equal(shown([]), "abcde");
  assert.equal(shown([1]), "abde");
  assert.equal(shown([0]), "ae");
  assert.equal(shown([0, 1]), "ae");
});

test("logs stand below their span, are hidden with it, and those of no span come last", () => {
  const marks = new Map([
    [1, [mark]],
    [-1, [mark, mark]],
  ]);
  assert.equal(shown([], marks), "ab*cde**");
  assert.equal(shown([1], marks), "abde**");
});

test("a chain of 80,000 spans is laid out", () => {
  const chain = Array.from({ length: 80_000 }, (_, depth) => ({ spanId: String(depth), depth }));
  const deep = spanNodes({ spans: chain });
  assert.equal(deep[0]?.end, 80_000);
  assert.equal(ancestors(deep, 79_999).length, 79_999);
  assert.equal(visibleRows(deep, new Set([40_000]), none).length, 40_001);
});

test("five and more siblings that are alike take one row, unless they failed or have something below them", () => {
  const query = (spanId: string, more: Partial<OutlineSpanJson> = {}): OutlineSpanJson => ({
    spanId,
    name: "SELECT",
    service: "db",
    depth: 1,
    ...more,
  });
  const loop = spanNodes({
    spans: [
      { spanId: "root", depth: 0 },
      ...["a", "b", "c", "d", "e"].map((id) => query(id)),
      query("f", { failed: true }),
      ...["g", "h", "i", "j"].map((id) => query(id)),
      query("k", { name: "INSERT" }),
      ...["l", "m", "n", "o", "p"].map((id) => query(id)),
      query("q"),
      { spanId: "r", name: "SELECT", service: "db", depth: 2 },
    ],
  });
  const repeats = repeatsOf(loop, none);
  assert.deepEqual(
    [...repeats],
    [
      [1, 5],
      [12, 5],
    ],
  );
  const rows = visibleRows(loop, new Set(), none, repeats);
  assert.equal(rows.length, loop.length - 8);
  assert.deepEqual(rows[1], { kind: "repeats", node: 1, count: 5 });
  assert.deepEqual(
    [0, 1, 5, 6, 14].map((node) => repeatsWith(repeats, node)),
    [-1, 1, 1, -1, 12],
  );
  assert.equal(repeatsOf(loop, new Map([[3, [mark]]])).has(1), false);
});
