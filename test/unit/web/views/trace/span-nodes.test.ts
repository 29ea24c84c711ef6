import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ancestors,
  childrenOf,
  nextIndex,
  overrunOf,
  type SpanNode,
  skewOf,
  spanNodes,
  spansWith,
} from "../../../../../src/web/views/trace/span-nodes.ts";
import { family as nodes } from "../../../../support/span-family.ts";

test("spans know what is above and below them", () => {
  assert.deepEqual(
    nodes.map(({ id, parent, end }) => [id, parent, end]),
    [
      ["a", -1, 4],
      ["b", 0, 3],
      ["c", 1, 3],
      ["d", 0, 4],
      ["e", -1, 5],
    ],
  );
  assert.deepEqual(ancestors(nodes, 2), [1, 0]);
  assert.deepEqual(
    nodes.filter(({ orphan }) => orphan).map(({ id }) => id),
    ["e"],
  );
  assert.equal(nodes[4]?.kind, "client");
});

test("durations are exact to the nanosecond, also those below 0", () => {
  const [span] = spanNodes({ spans: [{ start: "86400.000000001s", duration: "-0.001500s", self: "2s" }] });
  assert.deepEqual([span?.startNs, span?.durationNs, span?.selfNs], [86_400_000_000_001, -1_500_000, 2e9]);
});

test("the next of a kind is found, beginning again at the end", () => {
  const failed = (index: number) => nodes[index]?.failed === true;
  assert.equal(nextIndex(nodes.length, -1, 1, failed), 2);
  assert.equal(nextIndex(nodes.length, 2, 1, failed), 2);
  assert.equal(nextIndex(nodes.length, 0, -1, failed), 2);
  assert.equal(
    nextIndex(nodes.length, 0, 1, () => false),
    -1,
  );
  assert.equal(
    nextIndex(0, -1, 1, () => true),
    -1,
  );
});

test("a text is found in any field and any case", () => {
  const of = (index: number) => (index === 3 ? '{"cart.id":"c3"}' : undefined);
  const found = (text: string, ids: readonly string[] = []) => spansWith(nodes, text, of, new Set(ids));
  assert.deepEqual(found("CHECKOUT"), [0]);
  assert.deepEqual(found("Shop"), [0]);
  assert.deepEqual(found("C3"), [3]);
  assert.deepEqual(found("c"), [0, 2, 3]);
  assert.deepEqual(found("bank", ["e"]), [1, 4]);
  assert.deepEqual(found("nowhere"), []);
});

test("a span of another service that begins before the one above it tells how much their clocks differ", () => {
  const times = [
    { spanId: "a", service: "shop", start: "0.5s", duration: "1s", depth: 0 },
    { spanId: "b", service: "bank", start: "0.4999s", duration: "1s", depth: 1 },
    { spanId: "c", service: "bank", start: "0.1s", duration: "1s", depth: 2 },
    { spanId: "d", service: "shop", duration: "1s", depth: 1 },
  ];
  const skewed = spanNodes({ spans: times });
  assert.deepEqual(
    skewed.map((node) => skewOf(skewed, node)),
    [0, 100_000, 0, 0],
  );
});

test("the spans right below one are found", () => {
  assert.deepEqual(childrenOf(nodes, 0), [1, 3]);
  assert.deepEqual(childrenOf(nodes, 1), [2]);
  assert.deepEqual(childrenOf(nodes, 4), []);
});

test("a span that ends after the one above it is told by how much", () => {
  const [above, below] = spanNodes({
    spans: [
      { spanId: "a", start: "0s", duration: "1s", depth: 0 },
      { spanId: "b", start: "0.5s", duration: "0.75s", depth: 1 },
    ],
  }) as [SpanNode, SpanNode];
  assert.equal(overrunOf([above, below], below), 250_000_000);
  assert.equal(overrunOf([above, below], above), 0);
});
