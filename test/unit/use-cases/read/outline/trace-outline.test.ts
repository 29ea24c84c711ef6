import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Span_SpanKind } from "../../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { TraceId } from "../../../../../src/domain/ids.ts";
import { spansWith } from "../../../../contract/store-requests.ts";
import { createRandom } from "../../../../support/random.ts";
import { buildReader } from "../../../../support/reader.ts";

const traceId = "ab".repeat(16) as TraceId;
const base = 1_795_428_000_000_000_000n;

interface Given {
  readonly id: number;
  readonly parent?: number;
  readonly from: number;
  readonly to: number;
  readonly kind?: number;
}

/**
 * Spans named by their ids, with times after the start of the trace.
 * @param unit of these times
 */
function outlineOf(given: readonly Given[], maxBytes?: number, unit = 1n, startUnixNano = base) {
  const { reader, send } = buildReader({ pace: { maxMs: 0.1 } });
  const idOf = (id: number) => Uint8Array.from({ length: 8 }, () => id);
  const spans = given.map(({ id, parent, from, to, kind = 1 }) => ({
    traceId: new Uint8Array(16).fill(0xab),
    spanId: idOf(id),
    parentSpanId: parent === undefined ? new Uint8Array() : idOf(parent),
    name: String(id),
    kind: kind as Span_SpanKind,
    startTimeUnixNano: startUnixNano + BigInt(from) * unit,
    endTimeUnixNano: startUnixNano + BigInt(to) * unit,
    ...(id % 3 === 0 && { status: { code: 2 } as never }),
  }));
  send("traces", spansWith(...spans));
  return reader.traceOutline(traceId, maxBytes === undefined ? {} : { maxBytes });
}

const shown = ({ spans }: Awaited<ReturnType<typeof outlineOf>>) =>
  spans.map(({ span, depth, self, critical }) => [span.name, depth, self, critical]);

describe("GetTraceOutline", () => {
  test("GetTraceOutline tells of each span its place, its own time and what the trace waited for", async () => {
    const outline = await outlineOf([
      { id: 4, parent: 2, from: 20, to: 30 },
      { id: 1, from: 0, to: 100 },
      { id: 3, parent: 1, from: 50, to: 90 },
      { id: 2, parent: 1, from: 10, to: 60 },
    ]);
    assert.deepEqual(shown(outline), [
      // 100 less 10 to 90; the trace waited for it from 90 on and up to 10.
      ["1", 0, 20, 20],
      // It ended after the next one began: from 50 on the trace waited for that.
      ["2", 1, 40, 30],
      ["4", 2, 10, 10],
      ["3", 1, 40, 40],
    ]);
    const { spanCount, errorCount, leftOut, startUnixNano, endUnixNano } = outline;
    assert.deepEqual([spanCount, errorCount, leftOut], [4, 1, 0]);
    assert.deepEqual([startUnixNano, endUnixNano], [base, base + 100n]);
  });

  test("GetTraceOutline shows spans without their parent, and cuts a circle of parents", async () => {
    const outline = await outlineOf([
      { id: 1, from: 0, to: 10 },
      { id: 2, parent: 99, from: 5, to: 6 },
      { id: 3, parent: 4, from: 2, to: 3 },
      { id: 4, parent: 3, from: 1, to: 3 },
      { id: 5, parent: 3, from: 0, to: 3 },
      { id: 6, parent: 6, from: 7, to: 8 },
    ]);
    assert.deepEqual(
      outline.spans.map(({ span, depth }) => [span.name, depth]),
      [
        ["1", 0],
        ["2", 0],
        ["4", 0],
        ["3", 1],
        ["5", 2],
        ["6", 0],
      ],
    );
  });

  test("GetTraceOutline puts a server span below the client span of the same id", async () => {
    const outline = await outlineOf([
      { id: 1, from: 0, to: 10, kind: 3 },
      { id: 1, from: 2, to: 8, kind: 2 },
      { id: 2, parent: 1, from: 3, to: 4 },
    ]);
    assert.deepEqual(
      outline.spans.map(({ span, depth }) => [span.name, span.kind, depth]),
      [
        ["1", 3, 0],
        ["1", 2, 1],
        ["2", 1, 2],
      ],
    );
  });

  test("GetTraceOutline leaves out the spans that are farthest from the root", async () => {
    const outline = await outlineOf(
      [
        { id: 1, from: 0, to: 100 },
        { id: 2, parent: 1, from: 1, to: 50 },
        { id: 3, parent: 2, from: 2, to: 40 },
        { id: 4, parent: 1, from: 60, to: 70 },
      ],
      3,
    );
    assert.deepEqual(
      outline.spans.map(({ span }) => span.name),
      ["1", "2", "4"],
    );
    assert.deepEqual([outline.spanCount, outline.leftOut], [4, 1]);
  });

  test("GetTraceOutline of random trees has each span once, below its parent, and times that add up", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed);
      const given = Array.from({ length: 1 + random.below(60) }, (_, i): Given => {
        const from = i === 0 ? 0 : random.below(100);
        const to = i === 0 ? 120 : from + random.below(60) - 5;
        return i === 0 ? { id: 1, from, to } : { id: i + 1, parent: 1 + random.below(i), from, to };
      });
      const outline = await outlineOf(given);
      const what = `seed ${seed}`;
      assert.deepEqual(
        outline.spans.map(({ span }) => Number(span.name)).sort((a, b) => a - b),
        given.map(({ id }) => id),
        what,
      );
      const path: string[] = [];
      for (const { span, depth } of outline.spans) {
        path.length = depth;
        const parent = given.find(({ id }) => String(id) === span.name)?.parent;
        assert.equal(path.at(-1), parent === undefined ? undefined : String(parent), what);
        path.push(span.name);
      }
      assert.equal(
        outline.spans.reduce((sum, { critical }) => sum + Number(critical), 0),
        120,
        what,
      );
      for (const node of outline.spans) {
        assert.ok(!node.isLong);
        const { span, self, critical, start, end } = node;
        const children = given.filter(({ parent }) => String(parent) === span.name);
        let own = 0;
        for (let at = start; at < end; at++) {
          if (!children.some(({ from, to }) => from <= at && at < to)) own += 1;
        }
        assert.equal(self, own, `${what}, span ${span.name}`);
        assert.ok(critical <= end - start, what);
      }
    }
  });

  test("GetTraceOutline is exact for times that are more than 2^53 ns apart", async () => {
    const given = [
      { id: 1, from: 0, to: 120 },
      { id: 2, parent: 1, from: 10, to: 50 },
      { id: 3, parent: 2, from: 30, to: 60 },
      { id: 4, parent: 1, from: 70, to: 119 },
    ];
    // The last time is near 2^64.
    const unit = 2n ** 57n + 1n;
    const near = await outlineOf(given);
    const far = await outlineOf(given, undefined, unit, 1n);
    const timesOf = (outline: typeof near, unit: bigint) =>
      outline.spans.map(({ span, start, end, self, critical }) => [
        span.name,
        ...[start, end, self, critical].map((time) => BigInt(time) * unit),
      ]);
    assert.deepEqual(timesOf(far, 1n), timesOf(near, unit));
  });

  test("GetTraceOutline tells what a span of many children waited for", async () => {
    // Each child begins when the one before ends, but they arrive in another order.
    const ids = Array.from({ length: 200 }, (_, i) => 2 + ((i * 77) % 200));
    const children = ids.map((id) => ({ id, parent: 1, from: 10 * id, to: 10 * id + 10 }));
    const { reader, send } = buildReader({ pace: { maxMs: 0.1 } });
    const many = children.flatMap(({ id, ...rest }) =>
      [0, 1].map((turn) => ({ ...rest, id: 2 * id + turn })),
    );
    const idOf = (id: number) => Buffer.from(id.toString(16).padStart(16, "0"), "hex");
    const spans = [{ id: 1, parent: 0, from: 0, to: 2_030 }, ...many].map(({ id, parent, from, to }) => ({
      traceId: new Uint8Array(16).fill(0xab),
      spanId: idOf(id),
      parentSpanId: parent === 0 ? new Uint8Array() : idOf(parent),
      name: String(id),
      startTimeUnixNano: base + BigInt(from),
      endTimeUnixNano: base + BigInt(to),
    }));
    send("traces", spansWith(...spans));
    const outline = await reader.traceOutline(traceId);
    const [root, ...others] = outline.spans;
    assert.deepEqual([root?.critical, root?.self], [30, 30]);
    // Of two at the same time the trace waited for one.
    assert.equal(others.filter(({ critical }) => critical === 10).length, 200);
    assert.equal(others.filter(({ critical }) => critical === 0).length, 200);
  });

  test("GetTraceOutline of a trace that is not held is not found", async () => {
    const { reader } = buildReader();
    await assert.rejects(reader.traceOutline(traceId), /^ObsvtyError: no span of trace (ab){16} is held$/);
  });
});
