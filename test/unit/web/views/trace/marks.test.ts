import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogRecordJson, SpanJson } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { backLinks } from "../../../../../src/web/views/trace/back-links.ts";
import { marksOf } from "../../../../../src/web/views/trace/marks.ts";
import { spanNodes, spanOfNode } from "../../../../../src/web/views/trace/span-nodes.ts";
import { markOf } from "../../../../../src/web/views/trace/waterfall.ts";

/** Both sides of a call share the id b. */
const outline = {
  startTime: "2026-11-23T10:00:00Z",
  spans: [
    { spanId: "a", service: "shop", depth: 0 },
    { spanId: "b", service: "shop", kind: "SPAN_KIND_CLIENT", depth: 1 },
    { spanId: "b", service: "bank", kind: "SPAN_KIND_SERVER", depth: 2 },
  ],
} as const;
const nodes = spanNodes({ ...outline, spans: [...outline.spans] });
const trace = { outline: { ...outline, spans: [...outline.spans] }, nodes, logs: [], spans: new Map() };

function textsOf(logs: readonly LogRecordJson[], spans: ReadonlyMap<number, SpanJson> = new Map()) {
  const marks = marksOf({ ...trace, logs, spans });
  return [...marks].map(([node, list]) => [node, ...list.map(({ text, atNs }) => `${text} ${atNs}`)]);
}

test("of several spans with one id each is named by its own key", () => {
  assert.deepEqual(
    nodes.map(({ key }) => key),
    ["a", "b", "b.2"],
  );
});

test("of several spans with one id the one of a node is that of its service and kind", () => {
  const client: SpanJson = { spanId: "b", service: "shop", kind: "SPAN_KIND_CLIENT" };
  const server: SpanJson = { spanId: "b", service: "bank", kind: "SPAN_KIND_SERVER" };
  assert.equal(spanOfNode(nodes[1]!, [server, client]), client);
  assert.equal(spanOfNode(nodes[2]!, [client, server]), server);
  assert.equal(spanOfNode(nodes[2]!, [client]), client);
  assert.equal(spanOfNode(nodes[0]!, [client, server]), undefined);
});

test("log records stand at the span of their service, or at none, each at its time since the trace began", () => {
  const logs: LogRecordJson[] = [
    { spanId: "b", service: "bank", body: "late", time: "2026-11-23T10:00:00.000000002Z" },
    { spanId: "b", service: "bank", body: "early", observedTime: "2026-11-23T09:59:59.999999999Z" },
    { spanId: "b", service: "mail", body: "other", severity: "SEVERITY_NUMBER_WARN" },
    { spanId: "x", body: { order: 7 } },
    { body: "of no span" },
  ];
  assert.deepEqual(textsOf(logs), [
    [2, "early -1", "late 2"],
    [1, "WARN other undefined"],
    [-1, '{"order":7} undefined', "of no span undefined"],
  ]);
});

test("events stand at their span, with the message of an exception", () => {
  const time = "2026-11-23T10:00:00.5Z";
  const events = [
    { time, name: "sent" },
    { time, name: "exception", attributes: { "exception.message": "declined" } },
  ];
  assert.deepEqual(textsOf([], new Map([[0, { events }]])), [
    [0, "sent 500000000", "exception: declined 500000000"],
  ]);
});

test("a log record or an event is named by its span and its key, a log record also where its span came later", () => {
  const logs = [{ spanId: "b", service: "bank", body: "paid", cursor: "c1" }];
  const events = [{ name: "sent" }, { name: "sent" }];
  const marks = marksOf({ ...trace, logs, spans: new Map([[0, { events }]]) });
  const named = (node: number, key: string) => {
    const found = markOf(marks, node, key);
    return found && `${found.node} ${found.mark.text}`;
  };
  assert.equal(named(0, "event.1"), "0 sent");
  assert.equal(named(2, "log.c1"), "2 paid");
  assert.equal(named(-1, "log.c1"), "2 paid");
  assert.equal(named(1, "event.1"), undefined);
  assert.equal(named(0, "log.c2"), undefined);
});

test("the spans that link to a span of the same trace are known, each once", () => {
  const link = { traceId: "t", spanId: "a" };
  const twice: SpanJson = { spanId: "b", links: [link, link, { traceId: "other", spanId: "a" }] };
  const once: SpanJson = { spanId: "c", links: [link] };
  assert.deepEqual([...backLinks("t", [twice, once, { spanId: "d" }])], [["a", [twice, once]]]);
});
