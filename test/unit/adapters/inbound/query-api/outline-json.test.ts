import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toJsonString } from "@bufbuild/protobuf";
import fc from "fast-check";
import { OutlineSpanSchema } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { showOutlineSpan } from "../../../../../src/adapters/inbound/query-api/outline-json.ts";
import { toOutlineSpan } from "../../../../../src/adapters/inbound/query-api/outline-to-proto.ts";
import { apiJsonWriteOptions } from "../../../../../src/api/json-options.ts";
import type { OutlineNode } from "../../../../../src/use-cases/read/outline/outline-node.ts";

const traceStart = 1_795_428_000_123_456_789n;
const nanos = fc.oneof(
  fc.constantFrom(0, 1, 999, 1_000, 1_000_000, 1_500_000, 999_999_999, 1_000_000_000, 86_400_000_000_000),
  fc.integer({ min: 0, max: 2 ** 50 }),
);
const text = fc.oneof(
  fc.constantFrom("", "GET /cart", 'a "quoted" name', "line\nbreak", "überall", "\u2028", "x".repeat(2_000)),
  fc.string({ unit: "grapheme" }),
);
const id = fc.constantFrom("", "00f067aa0ba902b7", "abab");
const known = fc.integer({ min: 0, max: 9 }).map((n) => n > 1);

const node = fc
  .record({
    spanId: id,
    parentSpanId: id,
    name: text,
    service: text,
    kind: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 77, -1),
    statusCode: fc.constantFrom(0, 1, 2, 3),
    depth: fc.nat(100_000),
    start: nanos,
    took: fc.oneof(nanos, fc.constant(-5)),
    hasStart: known,
    hasEnd: known,
    self: nanos,
    critical: nanos,
  })
  .map(({ depth, start, took, hasStart, hasEnd, self, critical, ...span }): OutlineNode => {
    const startUnixNano = hasStart ? traceStart + BigInt(start) : 0n;
    const endUnixNano = hasEnd ? traceStart + BigInt(start + took) : 0n;
    return {
      span: { ...span, startUnixNano, endUnixNano },
      isLong: false,
      start,
      end: Math.max(start, start + took),
      depth,
      self,
      critical,
    };
  });

describe("the JSON of an outline", () => {
  test("a span of an outline is the same JSON as its message", () => {
    fc.assert(
      fc.property(node, (each) => {
        const { value, byteLength } = showOutlineSpan(each);
        assert.equal(value, toJsonString(OutlineSpanSchema, toOutlineSpan(each), apiJsonWriteOptions));
        assert.equal(byteLength, Buffer.byteLength(value) + 1);
      }),
      { numRuns: 2_000 },
    );
  });

  test("durations in an outline that are longer than numbers are exact are exact in its JSON", () => {
    const [one] = fc.sample(node, 1) as [OutlineNode];
    const span = { ...one.span, startUnixNano: 1n, endUnixNano: 2n ** 63n + 1n };
    const took = 2n ** 63n;
    const { value } = showOutlineSpan({
      span,
      depth: 0,
      isLong: true,
      start: 0n,
      end: took,
      self: took,
      critical: took - 1n,
    });
    const { duration, self, critical } = JSON.parse(value) as Record<string, unknown>;
    assert.deepEqual(
      [duration, self, critical],
      ["9223372036.854775808s", "9223372036.854775808s", "9223372036.854775807s"],
    );
  });
});
