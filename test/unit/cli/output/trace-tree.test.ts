import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Span } from "../../../../gen/obsvty/v1/query_pb.ts";
import { Span_SpanKind } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { View } from "../../../../src/cli/output/line.ts";
import { looksComplete } from "../../../../src/cli/output/trace-shape.ts";
import { traceTree } from "../../../../src/cli/output/trace-tree.ts";
import { apiSpan } from "../../../support/spans.ts";

process.env.TZ = "UTC";

const plain: View = { columns: 80, nowMs: 0, paint: (_style, text) => text };

/** The lines below the heading. */
function tree(spans: readonly Span[], view = plain): string {
  return traceTree(spans, view).slice(1).join("\n");
}

const shop = [
  apiSpan({ id: "3", parent: "1", startMs: 20, tookMs: 60, name: "charge card", service: "payments" }),
  apiSpan({ id: "1", tookMs: 100, name: "POST /checkout" }),
  apiSpan({ id: "4", parent: "3", startMs: 30, tookMs: 40, name: "POST", service: "payments" }),
  apiSpan({ id: "2", parent: "1", startMs: 2, tookMs: 8.25, name: "SELECT cart" }),
  apiSpan({ id: "5", parent: "1", startMs: 90, tookMs: 10, name: "send receipt" }),
];

test("a trace is a heading and a tree, siblings by their start, with services where they change", () => {
  assert.deepEqual(traceTree(shop, plain), [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  2026-11-23 10:00:00.000  5 spans",
    "POST /checkout  [shop]       100 ms  ━━━━━━━━━━━━━━",
    "├─ SELECT cart              8.25 ms  ━",
    "├─ charge card  [payments]    60 ms    ━━━━━━━━━",
    "│  └─ POST                    40 ms      ━━━━━━",
    "└─ send receipt               10 ms              ━━",
  ]);
});

test("the heading of a trace has two lines where it does not fit into one", () => {
  const spans = [apiSpan({ id: "1", error: "boom" })];
  const heading = (columns: number) => traceTree(spans, { ...plain, columns }).slice(0, -1);
  const id = "a".repeat(32);
  assert.deepEqual(heading(74), [`${id}  2026-11-23 10:00:00.000  1 span  1 error`]);
  assert.deepEqual(heading(60), [id, "2026-11-23 10:00:00.000  1 span  1 error"]);
});

test("a failed span is marked with its message", () => {
  const spans = [
    apiSpan({ id: "1", tookMs: 100, error: "" }),
    apiSpan({ id: "2", parent: "1", tookMs: 50, error: "card declined" }),
  ];
  assert.deepEqual(traceTree(spans, plain), [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  2026-11-23 10:00:00.000  2 spans  2 errors",
    "span 1  [shop]  ✗            100 ms  ━━━━━━━━━━━━━━",
    "└─ span 2  ✗ card declined    50 ms  ━━━━━━━",
  ]);
  const painted = traceTree(spans, { ...plain, paint: (style, text) => `<${style}>${text}</>` }).join("\n");
  assert.match(painted, /<red>2 errors<\/>/);
  assert.match(painted, /<red>span 2<\/> {2}<red>✗ card declined<\/>/);
});

test("children of a parent that is not held are below a line that says so", () => {
  const spans = [
    apiSpan({ id: "1" }),
    apiSpan({ id: "2", parent: "9", startMs: 1 }),
    apiSpan({ id: "3", parent: "9", startMs: 2 }),
    apiSpan({ id: "4", parent: "8", startMs: 3 }),
  ];
  assert.equal(
    tree(spans, { ...plain, columns: 66 }),
    [
      "span 1  [shop]       10 ms",
      "(parent 9999999999999999 not held)",
      "├─ span 2  [shop]    10 ms",
      "└─ span 3  [shop]    10 ms",
      "(parent 8888888888888888 not held)",
      "└─ span 4  [shop]    10 ms",
    ].join("\n"),
  );
});

test("spans that are each other's parents are shown once, and so are their children", () => {
  const spans = [
    apiSpan({ id: "1", parent: "2" }),
    apiSpan({ id: "2", parent: "1", startMs: 1 }),
    apiSpan({ id: "3", parent: "2", startMs: 2 }),
    apiSpan({ id: "4", parent: "4", startMs: 3 }),
    apiSpan({ id: "5", startMs: 4 }),
  ];
  assert.equal(
    tree(spans, { ...plain, columns: 66 }),
    [
      "span 5  [shop]       10 ms",
      "(each other's parents)",
      "├─ span 1  [shop]    10 ms",
      "│  └─ span 2         10 ms",
      "│     └─ span 3      10 ms",
      "└─ span 4  [shop]    10 ms",
    ].join("\n"),
  );
});

test("a span that was sent twice is shown twice, its children once", () => {
  const spans = [apiSpan({ id: "1" }), apiSpan({ id: "1" }), apiSpan({ id: "2", parent: "1" })];
  assert.equal(tree(spans).match(/span 1/g)?.length, 2);
  assert.equal(tree(spans).match(/span 2/g)?.length, 1);
});

describe("of spans that share an id", () => {
  const { CLIENT, SERVER, INTERNAL } = Span_SpanKind;
  const call = [
    apiSpan({ id: "1", name: "GET /", service: "front", kind: SERVER }),
    apiSpan({ id: "2", parent: "1", startMs: 2, name: "call", service: "front", kind: CLIENT }),
    // The clock of the server is behind that of the client.
    apiSpan({ id: "2", parent: "1", startMs: 1, name: "serve", service: "back", kind: SERVER }),
  ];

  test("of spans that share an id the server span is below the client span, and children are below the span of their service", () => {
    const spans = [
      ...call,
      apiSpan({ id: "3", parent: "2", startMs: 3, name: "SELECT", service: "back", kind: CLIENT }),
      apiSpan({ id: "4", parent: "2", startMs: 4, name: "resolve", service: "front", kind: INTERNAL }),
      apiSpan({ id: "5", parent: "2", startMs: 5, name: "proxy", service: "mesh", kind: SERVER }),
    ];
    assert.equal(
      tree(spans, { ...plain, columns: 66 }),
      [
        "GET /  [front]         10 ms",
        "└─ call                10 ms",
        "   ├─ serve  [back]    10 ms",
        "   │  └─ SELECT        10 ms",
        "   ├─ resolve          10 ms",
        "   └─ proxy  [mesh]    10 ms",
      ].join("\n"),
    );
  });

  test("of spans that share an id, children of a service that calls itself are below the server span", () => {
    const spans = [
      ...call.map((span) => ({ ...span, service: "front" })),
      apiSpan({ id: "3", parent: "2", startMs: 3, name: "SELECT", service: "front" }),
    ];
    assert.equal(
      tree(spans, { ...plain, columns: 66 }),
      [
        "GET /  [front]     10 ms",
        "└─ call            10 ms",
        "   └─ serve        10 ms",
        "      └─ SELECT    10 ms",
      ].join("\n"),
    );
  });

  test("a server span that is also the root of what is held has its client above it", () => {
    const [, client, server] = call;
    const spans = [server, client].map((span) => ({ ...(span as Span), parentSpanId: "" }));
    assert.match(tree(spans), /^call {2}\[front\] .*\n└─ serve {2}\[back\] /);
  });
});

test("a parent of zero bytes is no parent", () => {
  const spans = [apiSpan({ id: "1", parent: "0", name: "root" }), apiSpan({ id: "2", parent: "1" })];
  assert.match(tree(spans), /^root {2}\[shop\] .*\n└─ span 2 /);
  assert.equal(looksComplete(spans), true);
});

test("a span without a start is not the first, and takes no date from its trace", () => {
  const unknown = apiSpan({ id: "1", name: "unknown start" });
  delete unknown.startTime;
  delete unknown.duration;
  const lines = traceTree([unknown, apiSpan({ id: "2", name: "first" })], plain);
  assert.deepEqual(lines, [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  2026-11-23 10:00:00.000  2 spans",
    "first  [shop]            10 ms  ━━━━━━━━━━━━━━",
    "unknown start  [shop]        -",
  ]);
});

test("a trace that is a chain of thousands of spans is shown, with its branches cut", () => {
  const chain = Array.from({ length: 5_000 }, (_, i) => {
    const span = apiSpan({ id: "1", startMs: i });
    span.spanId = String(i + 1).padStart(16, "0");
    span.parentSpanId = i === 0 ? "" : String(i).padStart(16, "0");
    return span;
  });
  const lines = traceTree(chain, { ...plain, columns: 100 });
  assert.equal(lines.length, 5_001);
  assert.ok(lines.every((line) => line.length <= 100));
  assert.match(lines.at(-1) ?? "", /^… {2} +└─ span 1/);
});

test("a trace on a narrow terminal has no bars, and its names are cut before its durations", () => {
  const spans = [
    apiSpan({ id: "1", name: "a name that is much longer than the terminal is wide", tookMs: 1.5 }),
  ];
  assert.equal(
    traceTree(spans, { ...plain, columns: 40 }).at(-1),
    "a name that is much longer tha…   1.5 ms",
  );
  assert.equal(traceTree(spans, { ...plain, columns: 5 }).at(-1), "a name that…   1.5 ms");
});

test("a long name in a trace moves the duration of its own line only, where lines are not cut", () => {
  const long = "x".repeat(120);
  const spans = [apiSpan({ id: "1" }), apiSpan({ id: "2", parent: "1", name: long })];
  const [first = "", second = ""] = tree(spans, { ...plain, columns: Number.POSITIVE_INFINITY }).split("\n");
  assert.equal(first.indexOf("10 ms"), 90 + 2 + 2);
  assert.match(second, new RegExp(`^└─ ${long} {4}10 ms`));
});

test("a span without a time, a name or a duration is shown", () => {
  const bare = apiSpan({ id: "1", name: "", service: "", tookMs: undefined });
  delete bare.startTime;
  assert.deepEqual(traceTree([bare], plain), [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  1 span",
    "(no name)           -",
  ]);
});

test("no control character of a name or a message reaches the terminal", () => {
  const span = apiSpan({ id: "1", name: "\x1b[2Jgone\n", service: "\x07", error: "\x9b31mred" });
  assert.match(tree([span]), /^gone\\n {2}\[\\x07\] {2}✗ red {4,}10 ms/);
});

describe("a trace looks complete", () => {
  for (const [what, spans, complete] of [
    ["with a root and every parent", [apiSpan({ id: "2", parent: "1" }), apiSpan({ id: "1" })], true],
    ["not without a root", [apiSpan({ id: "2", parent: "1" })], false],
    ["not without a parent", [apiSpan({ id: "1" }), apiSpan({ id: "3", parent: "2" })], false],
    ["not without spans", [], false],
  ] as const) {
    test(`${what}: whether a trace looks complete`, () => assert.equal(looksComplete(spans), complete));
  }
});
