import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutlineSpanJson } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { levelCollapsed, levelExpanded } from "../../../../../src/web/views/trace/fold-levels.ts";
import {
  ancestors,
  childrenOf,
  nextIndex,
  overrunOf,
  type SpanNode,
  skewOf,
  spanHasText,
  spanNodes,
} from "../../../../../src/web/views/trace/span-nodes.ts";
import {
  axisTicks,
  barOf,
  edgeMoved,
  rangeOf,
  rangeWith,
  shapeOf,
  zoomed,
} from "../../../../../src/web/views/trace/time-range.ts";
import {
  type Mark,
  repeatsOf,
  repeatsWith,
  visibleRows,
} from "../../../../../src/web/views/trace/waterfall.ts";

/** a > (b > c, d), and e, whose parent is not held. */
const spans: OutlineSpanJson[] = [
  { spanId: "a", name: "POST /checkout", service: "shop", start: "0s", duration: "1s", depth: 0 },
  { spanId: "b", parentSpanId: "a", name: "pay", service: "bank", start: "0.1s", duration: "0.5s", depth: 1 },
  { spanId: "c", parentSpanId: "b", name: "charge", failed: true, start: "0.2s", duration: "0.1s", depth: 2 },
  { spanId: "d", parentSpanId: "a", name: "mail", depth: 1 },
  { spanId: "e", parentSpanId: "gone", name: "late", kind: "SPAN_KIND_CLIENT", depth: 0 },
];
const nodes = spanNodes({ spans });
const none = new Map<number, readonly Mark[]>();
const mark: Mark = { kind: "log", key: "log 1", atNs: 1, text: "paid", failed: false };

function shown(collapsed: readonly number[], marks = none): string {
  return visibleRows(nodes, new Set(collapsed), marks)
    .map((row) => (row.kind === "mark" ? "*" : nodes[row.node]?.id))
    .join("");
}

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
  assert.equal(spanHasText(nodes[0]!, "CHECKOUT"), true);
  assert.equal(spanHasText(nodes[0]!, "shop"), true);
  assert.equal(spanHasText(nodes[0]!, "c3"), false);
  assert.equal(spanHasText(nodes[0]!, "c3", '{"cart.id":"C3"}'), true);
});

test("a bar lies where its span lies in the range, and is cut at its ends", () => {
  const range = { fromNs: 0, toNs: 1_000 };
  assert.deepEqual(barOf({ startNs: 250, durationNs: 500 }, range), { left: 25, width: 50 });
  assert.deepEqual(barOf({ startNs: 500, durationNs: 5_000 }, range), { left: 50, width: 50 });
  assert.deepEqual(barOf({ startNs: 500, durationNs: -5 }, range), { left: 50, width: 0 });
  assert.deepEqual(barOf({ startNs: 500, durationNs: undefined }, range), { left: 50, width: 0 });
  assert.equal(barOf({ startNs: 2_000, durationNs: 1 }, range), undefined);
  assert.equal(barOf({ startNs: undefined, durationNs: 1 }, range), undefined);
});

test("an axis has a few round times", () => {
  assert.deepEqual(axisTicks({ fromNs: 0, toNs: 1_000 }, 5), [0, 200, 400, 600, 800, 1_000]);
  assert.deepEqual(axisTicks({ fromNs: 150, toNs: 430 }, 4), [200, 300, 400]);
  assert.deepEqual(axisTicks({ fromNs: 0, toNs: 0 }, 4), [0]);
});

test("a trace of decades, in which a double skips nanoseconds, has an axis and can be looked at closer", () => {
  // A span that began in 1970 beside one of today.
  const whole = { fromNs: 0, toNs: 1.8e18 };
  for (const length of [256, 512, 1_024, 4_096, 1e6, 1e12]) {
    const ticks = axisTicks({ fromNs: 1.7e18, toNs: 1.7e18 + length }, 5);
    assert.ok(ticks.length <= 6, `${ticks.length} times in ${length} ns`);
    assert.equal(new Set(ticks).size, ticks.length);
  }
  let range = zoomed(whole, 1 / 2, 1.7e18, whole);
  for (let step = 0; step < 80; step++) range = zoomed(range, 1 / 2, 1.7e18, whole);
  assert.ok(range.toNs > range.fromNs && range.toNs - range.fromNs < 10_000);
  assert.ok(range.fromNs <= 1.7e18 && range.toNs >= 1.7e18);
});

test("a chain of 80,000 spans is laid out", () => {
  const chain = Array.from({ length: 80_000 }, (_, depth) => ({ spanId: String(depth), depth }));
  const deep = spanNodes({ spans: chain });
  assert.equal(deep[0]?.end, 80_000);
  assert.equal(ancestors(deep, 79_999).length, 79_999);
  assert.equal(visibleRows(deep, new Set([40_000]), none).length, 40_001);
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

test("the address tells a part of the time of a trace, and the whole when it tells none", () => {
  const whole = { fromNs: 0, toNs: 1_000 };
  assert.deepEqual(rangeOf({ from: "100", to: "200" }, whole), { fromNs: 100, toNs: 200 });
  assert.deepEqual(rangeOf({ from: "0", to: "5000" }, whole), { fromNs: 0, toNs: 1_000 });
  for (const params of [
    {},
    { from: "1" },
    { from: "9", to: "3" },
    { from: "x", to: "y" },
    { from: "2000", to: "3000" },
  ]) {
    assert.equal(rangeOf(params, whole), whole);
  }
});

test("looking closer keeps its middle, and stays within the trace", () => {
  const whole = { fromNs: 0, toNs: 1_000 };
  assert.deepEqual(zoomed(whole, 1 / 2, 500, whole), { fromNs: 250, toNs: 750 });
  assert.deepEqual(zoomed({ fromNs: 0, toNs: 100 }, 1 / 2, 0, whole), { fromNs: 0, toNs: 50 });
  assert.deepEqual(zoomed({ fromNs: 900, toNs: 1_000 }, 2, 950, whole), { fromNs: 800, toNs: 1_000 });
  assert.equal(zoomed({ fromNs: 0, toNs: 600 }, 2, 300, whole), whole);
  assert.deepEqual(zoomed({ fromNs: 500, toNs: 510 }, 1 / 2, 505, whole), { fromNs: 500, toNs: 510 });
});

test("a part of the time is moved to a span that lies outside it, and widened to one that is longer", () => {
  const whole = { fromNs: 0, toNs: 1_000 };
  const range = { fromNs: 100, toNs: 300 };
  const seen = (startNs: number | undefined, durationNs?: number) =>
    rangeWith(range, { startNs, durationNs }, whole);
  assert.equal(seen(100, 200), range);
  assert.equal(seen(undefined), range);
  assert.deepEqual(seen(600, 20), { fromNs: 510, toNs: 710 });
  assert.deepEqual(seen(990), { fromNs: 800, toNs: 1_000 });
  // Partly outside.
  assert.deepEqual(seen(280, 40), { fromNs: 200, toNs: 400 });
  assert.deepEqual(seen(300, 400), { fromNs: 280, toNs: 720 });
  assert.equal(seen(0, 1_000), whole);
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

test("levels are collapsed from the deepest and expanded from the highest", () => {
  const [none, c, all] = [new Set<number>(), levelCollapsed(nodes, new Set()), new Set([0, 1])];
  assert.deepEqual(c, new Set([1]));
  assert.deepEqual(levelCollapsed(nodes, c), all);
  assert.deepEqual(levelCollapsed(nodes, all), all);
  assert.deepEqual(levelExpanded(nodes, all), c);
  assert.deepEqual(levelExpanded(nodes, c), none);
  assert.deepEqual(levelExpanded(nodes, none), none);
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

test("spans become one shape, of which pieces that touch are one", () => {
  const range = { fromNs: 0, toNs: 1_000 };
  const at = (startNs: number, durationNs: number) => ({ startNs, durationNs });
  assert.equal(shapeOf([at(500, 100), at(0, 10), at(10, 10)], range), "M0 0H20V1H0zM500 0H600V1H500z");
  assert.equal(shapeOf([at(1_000, 0)], range), "M998 0H1000V1H998z");
  assert.equal(shapeOf([at(2_000, 10), { startNs: undefined, durationNs: 1 }], range), "");
  const many = Array.from({ length: 100_000 }, (_, i) => at(i * 2, 1));
  assert.ok(shapeOf(many, { fromNs: 0, toNs: 200_000 }).length < 20_000);
});

test("an edge of a range is moved within the whole and not over the other edge", () => {
  const whole = { fromNs: 0, toNs: 1_000 };
  const range = { fromNs: 200, toNs: 600 };
  assert.deepEqual(edgeMoved(range, "fromNs", 300.4, whole), { fromNs: 300, toNs: 600 });
  assert.deepEqual(edgeMoved(range, "fromNs", -5, whole), { fromNs: 0, toNs: 600 });
  assert.deepEqual(edgeMoved(range, "fromNs", 900, whole), { fromNs: 599, toNs: 600 });
  assert.deepEqual(edgeMoved(range, "toNs", 2_000, whole), { fromNs: 200, toNs: 1_000 });
  assert.deepEqual(edgeMoved(range, "toNs", 0, whole), { fromNs: 200, toNs: 201 });
});
