import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Span, SpanSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { Span_SpanKind } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { View } from "../../../../src/cli/output/line.ts";
import { spanDetails } from "../../../../src/cli/output/span-details.ts";
import { traceTree } from "../../../../src/cli/output/trace-tree.ts";
import { textWidth } from "../../../../src/cli/output/visible.ts";
import { apiSpan, type SpanFields } from "../../../support/spans.ts";

const plain: View = { columns: 60, nowMs: 0, paint: (_style, text) => text };
const wide: View = { ...plain, columns: Number.POSITIVE_INFINITY };

function spanWith(
  init: Partial<MessageInitShape<typeof SpanSchema>>,
  fields: SpanFields = { id: "1" },
): Span {
  const made = create(SpanSchema, init as MessageInitShape<typeof SpanSchema>);
  const given = Object.keys(init).map((key) => [key, made[key as keyof Span]]);
  return Object.assign(apiSpan(fields), Object.fromEntries(given));
}

const startMs = Date.UTC(2026, 10, 23, 10);
const eventAt = (ms: number, name: string, attributes: JsonObject = {}) => ({
  time: timestampFromMs(startMs + ms),
  name,
  attributes,
});

test("a verbose tree shows below each span its status, kind, attributes, events and links", () => {
  const root = spanWith(
    { attributes: { "http.route": "/cart", size: 3 } },
    { id: "1", kind: Span_SpanKind.SERVER, tookMs: 20 },
  );
  const child = spanWith(
    {
      events: [
        eventAt(7, "retry", { attempt: 2 }),
        eventAt(4, "exception", {
          "exception.message": "card declined",
          stack: "Error: x\n  at y\n\tat z\n",
        }),
      ],
      links: [{ traceId: "b".repeat(32), spanId: "c".repeat(16), attributes: { why: "batch" } }],
      droppedEventsCount: 2,
      droppedAttributesCount: 1,
    },
    { id: "2", parent: "1", startMs: 5, error: "card declined" },
  );
  assert.deepEqual(traceTree([root, child], { ...plain, columns: 80 }, { verbose: true }).slice(1), [
    "span 1  [shop]                20 ms  ━━━━━━━━━━━━━━",
    "│  kind        server",
    "│  http.route  /cart",
    "│  size        3",
    "└─ span 2  ✗ card declined    10 ms     ━━━━━━━━",
    "      status message         card declined",
    "      event                  +2 ms  retry",
    "        attempt              2",
    "      event                  -1 ms  exception",
    "        exception.message    card declined",
    "        stack",
    "          Error: x",
    "            at y",
    "              at z",
    `      link                   trace ${"b".repeat(32)}`,
    `        span                 ${"c".repeat(16)}`,
    "        why                  batch",
    "      dropped by the sender  1 attribute, 2 events",
  ]);
});

test("the details of a span are text without control characters and ANSI sequences", () => {
  const span = spanWith({
    status: { code: 2, message: "a\u001b[31mred\u001b[0m\u0007" },
    attributes: { "k\n\u009b2J": "v\r\nw\u001b]0;x\u0007\u202e" },
    events: [eventAt(0, "e\n1")],
    links: [{ traceId: "\u001b[2J", spanId: "" }],
  });
  const text = spanDetails(span, "", wide).join("\n");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for control characters
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.match(text, /^status message +ared\\x07$/m);
  assert.match(text, /^event +\+0 ns {2}e\\n1$/m);
});

test("the details of a span are wrapped and cut to the columns", () => {
  const span = spanWith({
    attributes: {
      "db.query.text": "SELECT ".repeat(40).trimEnd(),
      ["long.".repeat(30)]: "x".repeat(100),
      日本: "語".repeat(100),
      block: `${"y".repeat(200)}\nz`,
    },
    events: [eventAt(1, "n".repeat(200), { ["k".repeat(100)]: 1 })],
  });
  for (const columns of [10, 20, 40, 60, 200]) {
    const lines = spanDetails(span, "│  ", { ...plain, columns });
    for (const each of lines) assert.ok(textWidth(each) <= columns, `${each.length} of ${columns}`);
  }
  const lines = spanDetails(span, "", plain);
  const isOfQuery = (each: string) => /^(?:db\.query\.text| {32}).*[SELCT]/.test(each);
  const query = lines.filter(isOfQuery).map((each) => each.slice(32));
  assert.equal(query.join(""), "SELECT ".repeat(40).trimEnd());
});

test("long lists and long values of a span are bounded, and say how much is left out", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
  const span = spanWith({
    attributes: many(100),
    events: Array.from({ length: 40 }, (_, i) => eventAt(i, `e${i}`)),
    links: Array.from({ length: 20 }, () => ({ traceId: "a", spanId: "b" })),
  });
  const lines = spanDetails(span, "", wide);
  assert.equal(lines.length, 64 + 1 + 32 + 2 * 16 + 1);
  assert.match(lines[64] ?? "", /^not shown +36 attributes$/);
  assert.match(lines.at(-1) ?? "", /^not shown +8 events, 4 links$/);
  const stack = spanWith({ attributes: { stack: "at x\n".repeat(100_000), huge: "y".repeat(1_000_000) } });
  for (const view of [wide, plain]) {
    const bounded = spanDetails(stack, "", view);
    assert.equal(bounded.filter((each) => each.trim() === "at x").length, 24);
    assert.ok(bounded.includes("  … 99976 more lines"));
    assert.ok(bounded.length < 60 && bounded.every((each) => each.length < 4_200));
  }
});

test("all the lines of a span are bounded, and say that JSON has more", () => {
  const stack = "at x\n".repeat(30);
  const attributes = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`k${i}`, stack]));
  const span = spanWith({ attributes, events: [eventAt(0, "e", attributes)] });
  const lines = spanDetails(span, "", wide);
  assert.equal(lines.length, 401);
  assert.equal(lines.at(-1), "… more: --json has all of it");
});
