import assert from "node:assert/strict";
import { test } from "node:test";
import { RingStore } from "../../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { decodeMetricPoint } from "../../../../../src/otlp/decode/decode-item.ts";
import { fixed64, lengthDelimited } from "../../../../support/wire.ts";

test("every kept point of a metric that sets two members of the oneof data can be read", () => {
  // Gauge (5) with a NumberDataPoint, and Summary (11) with a SummaryDataPoint.
  const gauge = lengthDelimited(5, lengthDelimited(1, fixed64(3, 1n), fixed64(6, 7n)));
  const summary = lengthDelimited(11, lengthDelimited(1, fixed64(3, 1n), fixed64(4, 9n)));
  const request = lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, gauge, summary)));
  const store = new RingStore({ maxItems: 10, maxBytes: 1 << 20, maxRequestBytes: 1 << 20 });
  assert.equal(store.append("metrics", [request], request.byteLength).kind, "kept");
  const { first, next } = store.range("metrics");
  for (let ordinal = first; ordinal < next; ordinal++) {
    const item = store.read("metrics", ordinal);
    assert.ok(item !== undefined);
    const { type, value } = decodeMetricPoint(item);
    assert.equal(value.kind, type === "summary" ? "summary" : "int");
  }
});
