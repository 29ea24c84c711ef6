import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compare } from "../../../../src/cli/comparison/comparison.ts";
import { Samples } from "../../../../src/cli/comparison/samples.ts";
import { type SummarizedSpan, Summary } from "../../../../src/cli/comparison/summary.ts";

let next = 0;

function span(name: string, more: Partial<SummarizedSpan> = {}): SummarizedSpan {
  next += 1;
  return {
    service: "shop",
    name,
    kind: "server",
    traceId: "t",
    spanId: `s${next}`,
    parentId: "",
    failed: false,
    nanos: 1_000,
    ...more,
  };
}

function summaryOf(...spans: readonly SummarizedSpan[]): Summary {
  const summary = new Summary();
  for (const each of spans) summary.addSpan(each);
  summary.finish();
  return summary;
}

/** A root span and its child, which comes first as it ends first. */
function pairOf(parent: string, child: string): SummarizedSpan[] {
  const root = span(parent);
  return [span(child, { parentId: root.spanId }), root];
}

describe("a comparison", () => {
  test("the same spans in another order and number are no difference", () => {
    const before = summaryOf(...pairOf("GET /cart", "SELECT"));
    const after = summaryOf(...pairOf("GET /cart", "SELECT").reverse(), ...pairOf("GET /cart", "SELECT"));
    const { differs, operations, edges } = compare(before, after);
    assert.deepEqual([differs, edges], [false, []]);
    assert.deepEqual(
      operations.map((each) => [each.name, each.before?.count, each.after?.count]),
      [
        ["GET /cart", 1, 2],
        ["SELECT", 1, 2],
      ],
    );
  });

  test("errors and durations are told, and are no difference", () => {
    const before = summaryOf(span("a", { nanos: 10 }), span("a", { nanos: 30 }), span("a", { nanos: 20 }));
    const after = summaryOf(span("a", { nanos: 500, failed: true }), span("a", { nanos: undefined }));
    const { differs, operations } = compare(before, after);
    assert.equal(differs, false);
    assert.deepEqual(operations, [
      {
        service: "shop",
        name: "a",
        kind: "server",
        change: "stayed",
        before: { count: 3, errors: 0, samples: 3, medianNanos: 20, p95Nanos: 30 },
        after: { count: 2, errors: 1, samples: 1, medianNanos: 500, p95Nanos: 500 },
      },
    ]);
  });

  test("an operation that came or went is a difference, also when only its kind has changed", () => {
    const { differs, operations, edges } = compare(
      summaryOf(...pairOf("GET /cart", "SELECT")),
      summaryOf(...pairOf("GET /cart", "INSERT"), span("GET /cart", { kind: "client" })),
    );
    assert.equal(differs, true);
    assert.deepEqual(
      operations.map(({ name, kind, change }) => [name, kind, change]),
      [
        ["GET /cart", "client", "came"],
        ["GET /cart", "server", "stayed"],
        ["INSERT", "server", "came"],
        ["SELECT", "server", "went"],
      ],
    );
    // What they are children of came and went with them.
    assert.deepEqual(edges, []);
  });

  test("an operation with another parent is a difference, of which both edges are told", () => {
    const { differs, edges } = compare(
      summaryOf(...pairOf("a", "b"), span("c")),
      summaryOf(...pairOf("a", "c"), ...pairOf("a", "b")),
    );
    assert.equal(differs, true);
    assert.deepEqual(
      edges.map(({ change, parent, child }) => [change, parent?.name ?? null, child.name]),
      [
        ["went", null, "c"],
        ["came", "a", "c"],
      ],
    );
  });

  test("log records are told and are no difference; a metric of another unit is one", () => {
    const [before, after] = [new Summary(), new Summary()];
    before.addLog("shop", "INFO");
    after.addLog("shop", "ERROR");
    assert.equal(compare(before, after).differs, false);
    assert.deepEqual(
      compare(before, after).logs.map(({ severity, before, after }) => [severity, before, after]),
      [
        ["ERROR", 0, 1],
        ["INFO", 1, 0],
      ],
    );
    const metric = { service: "shop", name: "latency", type: "histogram" };
    before.addMetric({ ...metric, unit: "ms" });
    after.addMetric({ ...metric, unit: "s" });
    const { differs, metrics } = compare(before, after);
    assert.deepEqual(
      [differs, metrics.map(({ unit, change }) => [unit, change])],
      [
        true,
        [
          ["ms", "went"],
          ["s", "came"],
        ],
      ],
    );
  });
});

describe("a summary is bounded:", () => {
  test("a summary of spans counts spans of more operations than there is room for as left out", () => {
    const summary = new Summary({ keys: 2, spans: 10 });
    for (const name of ["a", "b", "c", "a", "c"]) summary.addSpan(span(name));
    assert.deepEqual([summary.operations.size, summary.leftOut], [2, 2]);
  });

  test("a summary of spans counts spans whose parent does not come, or comes too late, as orphans", () => {
    const summary = new Summary({ keys: 100, spans: 2 });
    summary.addSpan(span("early", { parentId: "late" }));
    for (let i = 0; i < 3; i++) summary.addSpan(span("child", { parentId: `never${i}` }));
    summary.addSpan(span("late", { spanId: "late" }));
    summary.finish();
    assert.equal(summary.orphans, 4);
    assert.equal(summary.edges.size, 1);
  });
});

test("a summary of spans bounds operations that wait for one parent too, and counts each span once", () => {
  const summary = new Summary({ keys: 100, spans: 10 });
  for (let i = 0; i < 50; i++) summary.addSpan(span(`child ${i}`, { parentId: "late" }));
  summary.addSpan(span("late", { spanId: "late" }));
  summary.finish();
  const found = [...summary.edges.values()].reduce((sum, { count }) => sum + count, 0);
  assert.equal(found + summary.orphans, 51);
  assert.ok(found <= 11, String(found));
});

test("a summary's quantiles of more numbers than are kept are near to the true ones", () => {
  const samples = new Samples();
  for (let i = 1; i <= 100_000; i++) samples.add(i);
  assert.equal(samples.count, 100_000);
  for (const part of [0.5, 0.95]) {
    const found = samples.quantile(part) ?? 0;
    assert.ok(Math.abs(found / 100_000 - part) < 0.04, String(found));
  }
  assert.equal(new Samples().quantile(0.5), undefined);
});
