import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { ExportTraceServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { type Signal, signals } from "../../src/domain/signal.ts";
import { decodeLogRecord, decodeMetricPoint, decodeSpan } from "../../src/otlp/decode/decode-item.ts";
import type { TelemetryStore } from "../../src/ports/telemetry-store.ts";
import { makeAttributes } from "../support/otlp-attributes.ts";
import { allServices, findAll } from "../support/whole-answers.ts";
import {
  type AnyRequest,
  appendBytes,
  encode,
  keep,
  logsOf,
  metricsOf,
  requestOf,
  resourceOf,
  spanNames,
  spansOf,
} from "./store-requests.ts";
import { describeColumns } from "./telemetry-store-columns.contract.ts";
import { describeFind } from "./telemetry-store-find.contract.ts";
import { describeLimits } from "./telemetry-store-limits.contract.ts";
import { describePins } from "./telemetry-store-pins.contract.ts";
import { describeRepeatedFields } from "./telemetry-store-repeated-fields.contract.ts";
import { describeRequests } from "./telemetry-store-requests.contract.ts";
import { describeSteps } from "./telemetry-store-steps.contract.ts";
import { describeValidity } from "./telemetry-store-validity.contract.ts";

export interface StoreLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

export type MakeStore = (limits: StoreLimits) => TelemetryStore;

const roomy: StoreLimits = { maxItems: 1_000, maxBytes: 16 * 1024 * 1024 };

/** What the port `TelemetryStore` promises. Every adapter of it runs this. */
export function describeTelemetryStore(name: string, makeStore: MakeStore): void {
  describe(`${name} as a TelemetryStore`, () => {
    describe("order and identity", () => {
      it("a store holds nothing at first", () => {
        const store = makeStore(roomy);
        for (const signal of signals) {
          assert.deepEqual(store.range(signal), { first: 0, next: 0 });
          assert.deepEqual(store.stats(signal), { items: 0, bytes: 0, evicted: 0 });
        }
        assert.equal(allServices(store).size, 0);
      });

      it("a store names its run of ordinals, another one than any other store's", () => {
        const store = makeStore(roomy);
        assert.match(store.runId, /^[A-Za-z0-9_-]{1,32}$/);
        keep(store, "traces", spansOf(1));
        const { runId } = store;
        store.clear();
        assert.equal(store.runId, runId);
        assert.notEqual(makeStore(roomy).runId, runId);
      });

      it("a store counts ordinals for each signal from 0 without gaps, in order of arrival", () => {
        const store = makeStore(roomy);
        assert.equal(keep(store, "traces", spansOf(3)).firstOrdinal, 0);
        assert.equal(keep(store, "logs", logsOf(2)).firstOrdinal, 0);
        assert.equal(keep(store, "traces", spansOf(2)).firstOrdinal, 3);
        assert.deepEqual(store.range("traces"), { first: 0, next: 5 });
        assert.deepEqual(store.range("logs"), { first: 0, next: 2 });
        assert.deepEqual(store.range("metrics"), { first: 0, next: 0 });
        assert.deepEqual(spanNames(store), ["span 0", "span 1", "span 2", "span 0", "span 1"]);
      });

      it("a store keeps the order of items over resources, scopes and metrics of one request", () => {
        const store = makeStore(roomy);
        const { resourceSpans } = spansOf(2);
        const request = create(ExportTraceServiceRequestSchema, {
          resourceSpans: [
            ...resourceSpans,
            {
              resource: resourceOf({ "service.name": "second" }),
              scopeSpans: [
                ...spansOf(1).resourceSpans[0]!.scopeSpans,
                ...spansOf(2).resourceSpans[0]!.scopeSpans,
              ],
            },
          ],
        });
        assert.equal(keep(store, "traces", request).accepted, 5);
        assert.deepEqual(spanNames(store), ["span 0", "span 1", "span 0", "span 0", "span 1"]);
        assert.deepEqual(
          [0, 1, 2, 3, 4].map((ordinal) => decodeSpan(store.read("traces", ordinal)!).service),
          ["shop", "shop", "second", "second", "second"],
        );
      });

      it("a store takes a body split anywhere, and not the chunks themselves", () => {
        const store = makeStore(roomy);
        const bytes = encode("traces", spansOf(3));
        const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
        appendBytes(store, "traces", ...chunks);
        for (const chunk of chunks) chunk.fill(0xff);
        appendBytes(store, "traces", bytes.subarray(0, 5), new Uint8Array(), bytes.subarray(5));
        bytes.fill(0xff);
        assert.deepEqual(spanNames(store), ["span 0", "span 1", "span 2", "span 0", "span 1", "span 2"]);
      });

      it("a store takes an empty request of every signal", () => {
        const store = makeStore(roomy);
        for (const signal of signals) {
          const expected = { kind: "kept", accepted: 0, rejected: 0, rejections: [], firstOrdinal: 0 };
          assert.deepEqual(store.append(signal, [], 0), expected);
          assert.deepEqual(store.append(signal, [new Uint8Array()], 0), expected);
        }
      });

      it("a store never uses an ordinal twice, not even after a clear", () => {
        const store = makeStore(roomy);
        keep(store, "traces", spansOf(3));
        store.clear();
        assert.deepEqual(store.range("traces"), { first: 3, next: 3 });
        assert.equal(keep(store, "traces", spansOf(1)).firstOrdinal, 3);
        assert.deepEqual(store.range("traces"), { first: 3, next: 4 });
        assert.equal(store.read("traces", 0), undefined);
      });
    });

    describe("read", () => {
      it("reading a store gives back every signal's items as they were sent", () => {
        const store = makeStore(roomy);
        for (const signal of signals) {
          const request = requestOf(signal, 7);
          assert.equal(keep(store, signal, request).accepted, 7);
          const first = store.read(signal, 0)!;
          const last = store.read(signal, 6)!;
          assert.equal(first.ordinal, 0);
          assert.equal(last.ordinal, 6);
          const body = Buffer.from(encode(signal, request));
          for (const part of [first.item, last.item, first.resource, first.scope]) {
            assert.ok(part.byteLength > 0);
            assert.ok(body.includes(part), `${signal}: the bytes are those of the request`);
          }
        }
      });

      it("reading a store answers undefined for what is not held", () => {
        const store = makeStore(roomy);
        keep(store, "traces", spansOf(2));
        for (const ordinal of [-1, 2, 1_000_000]) {
          assert.equal(store.read("traces", ordinal), undefined);
        }
        assert.equal(store.read("logs", 0), undefined);
      });

      it("an item read from a store has an empty resource and scope when the request has none", () => {
        const store = makeStore(roomy);
        const { spans } = spansOf(1).resourceSpans[0]!.scopeSpans[0]!;
        keep(
          store,
          "traces",
          create(ExportTraceServiceRequestSchema, { resourceSpans: [{ scopeSpans: [{ spans }] }] }),
        );
        const { resource, scope } = store.read("traces", 0)!;
        assert.deepEqual([resource.byteLength, scope.byteLength], [0, 0]);
      });

      it("reading a store gives a data point the envelope of its metric, without the points", () => {
        const store = makeStore(roomy);
        keep(store, "metrics", metricsOf(10));
        const points = Array.from({ length: 10 }, (_, ordinal) => {
          const encoded = store.read("metrics", ordinal)!;
          assert.ok(encoded.metric!.byteLength < 150, "the envelope does not hold the points");
          const { name, type, unit, temporality, monotonic } = decodeMetricPoint(encoded);
          return [name, type, unit, temporality, monotonic];
        });
        assert.deepEqual(points, [
          ["shop.orders", "sum", "{order}", 2, true],
          ["shop.orders", "sum", "{order}", 2, true],
          ["process.cpu.utilization", "gauge", "1", 0, false],
          ["process.cpu.utilization", "gauge", "1", 0, false],
          ["http.server.request.duration", "histogram", "s", 1, false],
          ["http.server.request.duration", "histogram", "s", 1, false],
          ["db.client.operation.duration", "exponential-histogram", "s", 1, false],
          ["db.client.operation.duration", "exponential-histogram", "s", 1, false],
          ["rpc.latency", "summary", "ms", 0, false],
          ["rpc.latency", "summary", "ms", 0, false],
        ]);
      });

      it("reading a store makes copies that survive eviction and clearing", () => {
        const store = makeStore({ ...roomy, maxItems: 4 });
        keep(store, "traces", spansOf(4));
        keep(store, "logs", logsOf(4));
        const span = store.read("traces", 0)!;
        const log = store.read("logs", 0)!;
        const before = [decodeSpan(span), decodeLogRecord(log)];
        for (let i = 0; i < 50; i++) {
          keep(store, "traces", spansOf(4, { seed: i + 2, serviceName: "other" }));
        }
        store.clear();
        keep(store, "logs", logsOf(4, { seed: 99, serviceName: "other" }));
        assert.deepEqual([decodeSpan(span), decodeLogRecord(log)], before);
      });
    });

    describe("clear", () => {
      it("clearing a store forgets all signals, says how many items, and counts no eviction", () => {
        const store = makeStore(roomy);
        for (const signal of signals) keep(store, signal, requestOf(signal, 3));
        assert.equal(store.clear(), 12);
        assert.equal(store.clear(), 0);
        for (const signal of signals) {
          assert.deepEqual(store.range(signal), { first: 3, next: 3 });
          assert.deepEqual(store.stats(signal), { items: 0, bytes: 0, evicted: 0 });
          assert.deepEqual(findAll(store, signal, {}, { from: 0, to: 10, order: "oldest", limit: 10 }), []);
        }
        assert.equal(allServices(store).size, 0);
      });

      it("clearing a store keeps the evictions counted before", () => {
        const store = makeStore({ ...roomy, maxItems: 2 });
        keep(store, "traces", spansOf(5));
        store.clear();
        assert.ok(store.stats("traces").evicted >= 3);
        assert.equal(store.stats("traces").items, 0);
      });
    });

    describe("services", () => {
      it("services of a store count the items held of each service and signal", () => {
        const store = makeStore({ ...roomy, maxItems: 5 });
        keep(store, "traces", spansOf(3, { serviceName: "gone" }));
        keep(store, "traces", spansOf(2, { serviceName: "cart" }));
        keep(store, "traces", spansOf(3, { serviceName: "shop" }));
        keep(store, "logs", logsOf(2, { serviceName: "shop" }));
        keep(store, "metrics", metricsOf(4, { serviceName: "überprüfung" }));
        keep(store, "profiles", requestOf("profiles", 1, { serviceName: "shop" }));
        assert.deepEqual(
          allServices(store),
          new Map([
            ["cart", counts({ traces: 2 })],
            ["shop", counts({ traces: 3, logs: 2, profiles: 1 })],
            ["überprüfung", counts({ metrics: 4 })],
          ]),
        );
      });

      it('services of a store have items without a service name as those of ""', () => {
        const store = makeStore(roomy);
        const { scopeSpans } = spansOf(1).resourceSpans[0]!;
        const withResource = (resource?: ReturnType<typeof resourceOf>): AnyRequest =>
          create(ExportTraceServiceRequestSchema, {
            resourceSpans: [{ scopeSpans, ...(resource && { resource }) }],
          });
        keep(store, "traces", withResource());
        keep(store, "traces", withResource(resourceOf({ "host.name": "a" })));
        keep(store, "traces", withResource(resourceOf({ "service.name": "" })));
        keep(store, "traces", withResource(resourceOf({ "service.name": 42 })));
        keep(store, "traces", withResource(resourceOf({ "service.name": Uint8Array.of(0x41) })));
        assert.deepEqual(allServices(store), new Map([["", counts({ traces: 5 })]]));
        const window = { from: 0, to: 10, order: "oldest", limit: 10 } as const;
        assert.deepEqual(findAll(store, "traces", { service: "" }, window), [0, 1, 2, 3, 4]);
      });

      it("services of a store take the last of duplicate service names, as decoding does", () => {
        const store = makeStore(roomy);
        const { scopeSpans } = spansOf(1).resourceSpans[0]!;
        const attributes = [
          ...makeAttributes({ "service.name": "first" }),
          ...makeAttributes({ "service.name": "last" }),
        ];
        const resourceSpans = [{ resource: { attributes }, scopeSpans }];
        keep(store, "traces", create(ExportTraceServiceRequestSchema, { resourceSpans }));
        assert.deepEqual([...allServices(store).keys()], ["last"]);
        assert.equal(decodeSpan(store.read("traces", 0)!).service, "last");
      });
    });

    describeLimits(makeStore, roomy);
    describePins(makeStore, roomy);
    describeRequests(makeStore, roomy);
    describeColumns(makeStore, roomy);
    describeFind(makeStore, roomy);
    describeValidity(makeStore, roomy);
    describeRepeatedFields(makeStore, roomy);
    describeSteps(makeStore, roomy);
  });
}

function counts(some: Partial<Record<Signal, number>>): Record<Signal, number> {
  return { traces: 0, logs: 0, metrics: 0, profiles: 0, ...some };
}
