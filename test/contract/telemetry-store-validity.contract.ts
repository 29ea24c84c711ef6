import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ExportMetricsServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import type { MetricSchema } from "../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { faultList } from "../../src/domain/rejection.ts";
import { signals } from "../../src/domain/signal.ts";
import { decodeLogRecord, decodeSpan } from "../../src/otlp/decode/decode-item.ts";
import type { TelemetryStore } from "../../src/ports/telemetry-store.ts";
import { deepSpan } from "../support/malformed.ts";
import { allServices, findAll } from "../support/whole-answers.ts";
import { traceRequest, validSpanFields } from "../support/wire.ts";
import {
  appendBytes,
  encode,
  type Kept,
  keep,
  logsWith,
  requestOf,
  spansOf,
  spansWith,
} from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

/** The part of the contract that says which items a store keeps, and which requests it refuses. */
export function describeValidity(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("validity", () => {
    const good = { name: "good" };

    for (const [why, bad] of [
      ["a trace id of 0 bytes", { traceId: new Uint8Array() }],
      ["a trace id of 15 bytes", { traceId: new Uint8Array(15).fill(1) }],
      ["a trace id of 24 bytes", { traceId: new Uint8Array(24).fill(1) }],
      ["a trace id of zeros", { traceId: new Uint8Array(16) }],
      ["a span id of 0 bytes", { spanId: new Uint8Array() }],
      ["a span id of 12 bytes", { spanId: new Uint8Array(12).fill(1) }],
      ["a span id of zeros", { spanId: new Uint8Array(8) }],
      ["a parent span id of 7 bytes", { parentSpanId: new Uint8Array(7).fill(1) }],
    ] as const) {
      it(`a store rejects a span with ${why} and keeps the rest`, () => {
        const store = makeStore(roomy);
        const outcome = keep(store, "traces", spansWith(good, { ...bad, name: "s3cret" }, good));
        assert.deepEqual([outcome.accepted, outcome.rejected, outcome.firstOrdinal], [2, 1, 0]);
        assertDescribed(outcome);
        assert.deepEqual(store.range("traces"), { first: 0, next: 2 });
        for (const ordinal of [0, 1]) {
          assert.equal(decodeSpan(store.read("traces", ordinal)!).name, "good");
        }
      });
    }

    it("a store keeps a span whose parent is eight zero bytes, as a root", () => {
      const store = makeStore(roomy);
      assert.equal(keep(store, "traces", spansWith({ parentSpanId: new Uint8Array(8) })).accepted, 1);
      assert.equal(decodeSpan(store.read("traces", 0)!).parentSpanId, "");
    });

    it("a store keeps nothing of a request whose items are all rejected", () => {
      const store = makeStore(roomy);
      const outcome = keep(
        store,
        "traces",
        spansWith({ traceId: new Uint8Array() }, { spanId: new Uint8Array() }),
      );
      assert.deepEqual([outcome.accepted, outcome.rejected], [0, 2]);
      assertDescribed(outcome);
      assert.deepEqual(store.range("traces"), { first: 0, next: 0 });
      assert.equal(allServices(store).size, 0);
    });

    it("a store rejects data points without a time or a value, or with buckets that do not fit", () => {
      const store = makeStore(roomy);
      const timeUnixNano = 1n;
      const value = { case: "asInt", value: 1n } as const;
      const outcome = keep(
        store,
        "metrics",
        metricsWith(
          {
            case: "gauge",
            value: {
              dataPoints: [
                { timeUnixNano, value },
                { timeUnixNano: 0n, value },
                { timeUnixNano },
                { timeUnixNano, flags: 1 },
                { timeUnixNano, value: { case: "asDouble", value: 0 } },
              ],
            },
          },
          {
            case: "histogram",
            value: {
              dataPoints: [
                { timeUnixNano },
                { timeUnixNano, explicitBounds: [1, 2], bucketCounts: [1n, 2n, 3n] },
                { timeUnixNano, explicitBounds: [1, 2], bucketCounts: [1n, 2n] },
                { timeUnixNano, explicitBounds: [1, 2] },
                { timeUnixNano, bucketCounts: [1n] },
                { timeUnixNano: 0n },
              ],
            },
          },
          { case: "exponentialHistogram", value: { dataPoints: [{ timeUnixNano }, {}] } },
          { case: "summary", value: { dataPoints: [{ timeUnixNano }, {}] } },
        ),
      );
      assert.deepEqual([outcome.accepted, outcome.rejected], [8, 7]);
      assertDescribed(outcome);
      const window = { from: 0, to: 100, order: "oldest", limit: 100 } as const;
      assert.deepEqual(findAll(store, "metrics", { type: "gauge" }, window), [0, 1, 2]);
      assert.deepEqual(findAll(store, "metrics", { type: "histogram" }, window), [3, 4, 5]);
      assert.deepEqual(findAll(store, "metrics", { type: "summary" }, window), [7]);
    });

    it("a store accepts as sent what is odd but harmless", () => {
      const store = makeStore(roomy);
      const spans = spansWith(
        { startTimeUnixNano: 2n, endTimeUnixNano: 1n },
        { name: "", kind: 0, startTimeUnixNano: 0n, endTimeUnixNano: 0n },
        { kind: 99 as never, flags: 0xffffffff },
        { parentSpanId: new Uint8Array(), attributes: [{ key: "a" }, { key: "a" }, { key: "" }] },
        { traceState: "x", links: [{}], events: [{}] },
      );
      const logs = logsWith(
        { traceId: new Uint8Array(), spanId: new Uint8Array() },
        { traceId: Uint8Array.of(1), spanId: new Uint8Array(99) },
        { traceId: new Uint8Array(16), spanId: new Uint8Array(8) },
        { timeUnixNano: 0n, observedTimeUnixNano: 0n, severityNumber: 0 },
      );
      assert.deepEqual([keep(store, "traces", spans).rejected, keep(store, "logs", logs).rejected], [0, 0]);
      assert.equal(decodeLogRecord(store.read("logs", 1)!).traceId, "01");
    });

    it("a store keeps unknown fields and invalid UTF-8 byte for byte", () => {
      const store = makeStore(roomy);
      const bytes = encode("traces", spansWith({ name: "n@me" }));
      const at = Buffer.from(bytes).indexOf("n@me") + 1;
      bytes[at] = 0xff;
      const unknown = new BinaryWriter()
        .tag(1000, WireType.LengthDelimited)
        .bytes(Uint8Array.of(0xff, 0x00))
        .tag(1001, WireType.Varint)
        .uint32(7)
        .finish();
      const outcome = appendBytes(store, "traces", bytes, unknown);
      assert.ok(outcome.kind === "kept");
      assert.deepEqual([outcome.accepted, outcome.rejected], [1, 0]);
      const encoded = store.read("traces", 0)!;
      assert.ok(Buffer.from(encoded.item).includes(Buffer.from([0x6e, 0xff, 0x6d, 0x65])));
      assert.equal(decodeSpan(encoded).name, "n\ufffdme");
    });

    it("a store refuses a request cut short anywhere in its payload, and changes nothing", () => {
      const store = makeStore(roomy);
      keep(store, "traces", spansOf(2));
      const before = snapshot(store);
      const bytes = encode("traces", spansOf(2));
      for (let length = 1; length < bytes.byteLength; length += 7) {
        assertRefused(store, bytes.subarray(0, length), `cut to ${length} bytes`);
      }
      assert.deepEqual(snapshot(store), before);
    });

    it("a store refuses what is not the message, says where, and shows no payload", () => {
      const store = makeStore(roomy);
      keep(store, "traces", spansOf(2));
      const before = snapshot(store);
      const cases: Record<string, Uint8Array> = {
        "a truncated varint": Uint8Array.of(0x0a, 0x80),
        "a length past the end": Uint8Array.of(0x0a, 0x05, 0x00),
        "a length past its parent": Uint8Array.of(0x0a, 0x02, 0x12, 0x05),
        "a group": Uint8Array.of(0x0b, 0x0c),
        "wire type 6": Uint8Array.of(0x0e, 0x00),
        "wire type 7": Uint8Array.of(0x0f, 0x00),
        "field number 0": Uint8Array.of(0x02, 0x00),
        text: new TextEncoder().encode('{"resourceSpans":[{"s3cret":1}]}'),
        "a truncated fixed64 in a span": inSpan(Uint8Array.of(0x39, 1, 2, 3)),
        "a span after whose good part comes rubbish": inSpan(
          new Uint8Array(
            Buffer.concat([Buffer.from([0x2a, 0x06]), Buffer.from("s3cret"), Buffer.of(0x4a, 0x7f)]),
          ),
        ),
        "200 levels of nesting": inSpan(attributeOfDepth(200)),
      };
      for (const [why, bytes] of Object.entries(cases)) {
        assertRefused(store, bytes, why);
      }
      assert.deepEqual(snapshot(store), before);
    });

    it("a store accepts nesting as deep as people use it", () => {
      const store = makeStore(roomy);
      const bytes = encode("traces", spansWith({ name: "deep" }));
      const ids = new BinaryWriter()
        .tag(1, WireType.LengthDelimited)
        .bytes(new Uint8Array(16).fill(1))
        .tag(2, WireType.LengthDelimited)
        .bytes(new Uint8Array(8).fill(1))
        .raw(attributeOfDepth(15))
        .finish();
      const outcome = appendBytes(store, "traces", bytes, inSpan(ids));
      assert.ok(outcome.kind === "kept");
      assert.equal(outcome.accepted, 2);
      assert.doesNotThrow(() => decodeSpan(store.read("traces", 1)!));
    });

    it("a store rejects an item of more than 64 levels of messages alone", () => {
      const store = makeStore(roomy);
      const outcome = appendBytes(store, "traces", traceRequest(validSpanFields, deepSpan(66), deepSpan(64)));
      assert.ok(outcome.kind === "kept");
      assert.deepEqual([outcome.accepted, outcome.rejected], [2, 1]);
      const [request] = store.readRequests("traces", 0, { maxBytes: 100_000, maxRequests: 10 });
      assert.deepEqual(Buffer.from(request!.bytes), Buffer.from(traceRequest(validSpanFields, deepSpan(64))));
    });

    it("a store keeps nothing of a request that turns out malformed at its end", () => {
      const store = makeStore(roomy);
      for (const signal of signals) {
        const bytes = encode(signal, requestOf(signal, 20));
        const outcome = appendBytes(store, signal, bytes, Uint8Array.of(0x0a, 0x7f));
        assert.equal(outcome.kind, "refused");
        assert.deepEqual(store.range(signal), { first: 0, next: 0 });
        assert.deepEqual(store.stats(signal), { items: 0, bytes: 0, evicted: 0 });
      }
      assert.equal(allServices(store).size, 0);
    });

    it("a store evicts nothing for a request that it refuses", () => {
      const store = makeStore({ maxItems: 3, maxBytes: roomy.maxBytes });
      keep(store, "traces", spansOf(3));
      const before = snapshot(store);
      assertRefused(
        store,
        new Uint8Array(Buffer.concat([encode("traces", spansOf(3, { seed: 2 })), Buffer.of(0x0a, 0x7f)])),
        "malformed at its end",
      );
      assert.deepEqual(snapshot(store), before);
    });
  });
}

function assertRefused(store: TelemetryStore, bytes: Uint8Array, why: string): void {
  const outcome = appendBytes(store, "traces", bytes);
  assert.ok(outcome.kind === "refused", `${why} is refused`);
  assert.equal(outcome.error.code, "not-the-message", why);
  assertOneLine(outcome.error.message);
}

function assertDescribed({ rejected, rejections }: Kept): void {
  const count = rejections.reduce((sum, rejection) => sum + rejection.count, 0);
  assert.equal(count, rejected);
  assertOneLine(faultList(rejections));
}

function assertOneLine(message: string): void {
  assert.match(message, /^[^\n]+$/);
  assert.doesNotMatch(message, /s3cret/, "a message never shows payload");
}

function snapshot(store: TelemetryStore) {
  const { first, next } = store.range("traces");
  const items = Array.from({ length: next - first }, (_, i) => store.read("traces", first + i));
  return { items, stats: store.stats("traces"), services: allServices(store) };
}

function metricsWith(...data: MessageInitShape<typeof MetricSchema>["data"][]) {
  const metrics = data.map((some, i) => ({ name: `metric ${i}`, ...(some && { data: some }) }));
  return create(ExportMetricsServiceRequestSchema, { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
}

/** A request with one span made of these bytes. */
function inSpan(span: Uint8Array): Uint8Array {
  return wrap(1, wrap(2, wrap(2, span)));
}

/** An attribute whose value is an array in an array and so on. Two messages a level. */
function attributeOfDepth(levels: number): Uint8Array {
  let any: Uint8Array = Uint8Array.of(0x10, 0x01);
  for (let level = 0; level < levels; level++) any = wrap(5, wrap(1, any));
  return wrap(9, wrap(2, any));
}

function wrap(fieldNo: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(fieldNo, WireType.LengthDelimited).bytes(bytes).finish();
}
