import assert from "node:assert/strict";
import { test } from "node:test";
import { minimapStrips } from "../../../../../src/web/views/trace/minimap-strips.ts";
import { spanNodes } from "../../../../../src/web/views/trace/span-nodes.ts";

interface Span {
  readonly service: string;
  readonly failed?: boolean;
  readonly from?: number;
  readonly to: number;
}

/** Spans over ten seconds, as one line of text for each strip. */
function strips(spans: readonly Span[], size: { readonly width: number; readonly height: number }) {
  const nodes = spanNodes({
    spans: spans.map(({ service, failed = false, from, to }, index) => ({
      spanId: String(index),
      service,
      failed,
      ...(from !== undefined && { start: `${from}s`, duration: `${to - from}s` }),
    })),
  });
  const hues = new Map([
    ["shop", 3],
    ["bank", 7],
  ]);
  const whole = { fromNs: 0, toNs: 10e9 };
  return minimapStrips(nodes, hues, whole, size).map(
    ({ y, from, to, hue }) => `${y}: ${from} to ${to} ${hue ?? "failed"}`,
  );
}

test("each of a few spans has a line of its own, and one without a start has none drawn", () => {
  const spans = [
    { service: "shop", from: 0, to: 10 },
    { service: "bank", to: 3 },
    { service: "bank", from: 2, to: 5 },
    { service: "bank", from: 10, to: 10, failed: true },
  ];
  assert.deepEqual(strips(spans, { width: 100, height: 40 }), [
    "0: 0 to 100 3",
    "20: 20 to 50 7",
    "30: 99 to 100 failed",
  ]);
});

test("of spans in one line each pixel has the hue of most, or tells that one failed", () => {
  const spans = [
    { service: "shop", from: 0, to: 6 },
    { service: "bank", from: 2, to: 8 },
    { service: "bank", from: 3, to: 4 },
    { service: "bank", from: 4, to: 9 },
    { service: "shop", from: 9, to: 10 },
    { service: "shop", from: 5, to: 5, failed: true },
    { service: "shop", from: 0, to: 1 },
    { service: "shop", from: 0, to: 1 },
  ];
  assert.deepEqual(strips(spans, { width: 10, height: 1 }), [
    "0: 0 to 3 3",
    "0: 3 to 5 7",
    "0: 5 to 6 failed",
    "0: 6 to 9 7",
    "0: 9 to 10 3",
  ]);
});

test("of 80,000 spans no more is drawn than there are pixels", () => {
  const spans = Array.from({ length: 80_000 }, (_, index) => {
    const from = (index * 7_919) % 10_000;
    return {
      service: index % 2 === 0 ? "shop" : "bank",
      from: from / 1_000,
      to: (from + (index % 5)) / 1_000,
    };
  });
  assert.ok(strips(spans, { width: 200, height: 20 }).length <= 200 * 20);
});
