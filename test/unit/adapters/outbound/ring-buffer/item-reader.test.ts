import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { RingStore } from "../../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { decodeLogRecord, decodeMetricPoint } from "../../../../../src/otlp/decode/decode-item.ts";
import { fixed64, lengthDelimited, varintField } from "../../../../support/wire.ts";

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

test("a resource in many pieces of different lengths is put together in order", () => {
  const keys = Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(i, "."));
  const pieces = keys.map((key) =>
    lengthDelimited(1, lengthDelimited(1, lengthDelimited(1, Buffer.from(key)))),
  );
  const urls = ["first", "last"].map((url) => lengthDelimited(3, Buffer.from(url)));
  const request = lengthDelimited(1, ...pieces, lengthDelimited(2, lengthDelimited(2)), ...urls);
  const store = new RingStore({ maxItems: 10, maxBytes: 1 << 20, maxRequestBytes: 1 << 20 });
  assert.equal(store.append("logs", [request], request.byteLength).kind, "kept");
  const item = store.read("logs", 0);
  assert.ok(item !== undefined);
  assert.deepEqual(Object.keys(decodeLogRecord(item).resource).sort(), keys.sort());
  assert.equal(item.resourceSchemaUrl, "last");
});

test("reading an item whose resource or metric is in a million pieces makes no array for each", () => {
  const empty = Buffer.alloc(2_000_000, lengthDelimited(1));
  const resource = lengthDelimited(1, empty, lengthDelimited(2, lengthDelimited(2)));
  const point = lengthDelimited(1, fixed64(3, 1n), fixed64(6, 7n));
  // Field 14 is unknown to Metric.
  const metric = lengthDelimited(2, Buffer.alloc(2_000_000, varintField(14, 0)), lengthDelimited(5, point));
  const metrics = lengthDelimited(1, lengthDelimited(2, metric));
  const store = new RingStore({ maxItems: 10, maxBytes: 1 << 24, maxRequestBytes: 1 << 22 });
  assert.equal(store.append("logs", [resource], resource.byteLength).kind, "kept");
  assert.equal(store.append("metrics", [metrics], metrics.byteLength).kind, "kept");
  const subarray = mock.method(Uint8Array.prototype, "subarray");
  const slice = mock.method(Uint8Array.prototype, "slice");
  assert.equal(store.read("logs", 0)?.resource.byteLength, 0);
  assert.ok((store.read("metrics", 0)?.metric?.byteLength ?? 0) > 2_000_000);
  const arrays = subarray.mock.callCount() + slice.mock.callCount();
  mock.restoreAll();
  assert.ok(arrays < 100, `${arrays} arrays`);
});
