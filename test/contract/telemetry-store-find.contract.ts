import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AnyFilter } from "../../src/domain/filter.ts";
import type { TraceId } from "../../src/domain/ids.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { decodeLogRecord, decodeMetricPoint, decodeSpan } from "../../src/otlp/decode/decode-item.ts";
import type { TelemetryStore } from "../../src/ports/telemetry-store.ts";
import { attributeText } from "../../src/use-cases/filter/attribute-match.ts";
import { range } from "../support/reader.ts";
import { findAll } from "../support/whole-answers.ts";
import { lengthDelimited } from "../support/wire.ts";
import {
  appendBytes,
  keep,
  logsOf,
  logsWith,
  metricsOf,
  requestOf,
  spansOf,
  spansWith,
} from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

const all = { from: 0, to: Number.MAX_SAFE_INTEGER, order: "oldest", limit: 10_000 } as const;
const traceA = new Uint8Array(16).fill(0xaa);
const traceB = new Uint8Array(16).fill(0xbb);
const inTraceA = { traceId: idOf(traceA) };
const inTraceB = { traceId: idOf(traceB) };

const decoders = [
  ["traces", decodeSpan],
  ["logs", decodeLogRecord],
  ["metrics", decodeMetricPoint],
] as const;

/** The part of the contract about `find`. */
export function describeFind(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("find", () => {
    it("a search of a store answers ascending ordinals within the window, clipped to what is held", () => {
      const store = makeStore({ ...roomy, maxItems: 10 });
      keep(store, "traces", spansOf(8));
      keep(store, "traces", spansOf(8));
      const cases = [
        [{ from: 0, to: 100, order: "oldest", limit: 100 }, [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]],
        [{ from: 0, to: 100, order: "oldest", limit: 3 }, [6, 7, 8]],
        [{ from: 0, to: 100, order: "newest", limit: 3 }, [13, 14, 15]],
        [{ from: 9, to: 12, order: "oldest", limit: 100 }, [9, 10, 11]],
        [{ from: 9, to: 12, order: "newest", limit: 2 }, [10, 11]],
        [{ from: 9, to: 12, order: "oldest", limit: 2 }, [9, 10]],
        [{ from: 0, to: 7, order: "newest", limit: 100 }, [6]],
        [{ from: 15, to: 16, order: "oldest", limit: 1 }, [15]],
        [{ from: 0, to: 6, order: "oldest", limit: 100 }, []],
        [{ from: 16, to: 100, order: "newest", limit: 100 }, []],
        [{ from: 10, to: 10, order: "oldest", limit: 100 }, []],
        [{ from: 12, to: 9, order: "oldest", limit: 100 }, []],
        [{ from: 0, to: 100, order: "oldest", limit: 0 }, []],
        [{ from: 0, to: 100, order: "newest", limit: 0 }, []],
      ] as const;
      for (const [window, expected] of cases) {
        assert.deepEqual(findAll(store, "traces", {}, window), expected, JSON.stringify(window));
      }
    });

    it("a search of a store finds few matches from the end and from the start", () => {
      const store = makeStore(roomy);
      for (let i = 0; i < 100; i++) {
        keep(store, "traces", spansOf(3, { serviceName: i % 10 === 0 ? "rare" : "common" }));
      }
      const window = { from: 10, to: 295, limit: 4 };
      const filter = { service: "rare" };
      assert.deepEqual(findAll(store, "traces", filter, { ...window, order: "oldest" }), [30, 31, 32, 60]);
      assert.deepEqual(
        findAll(store, "traces", filter, { ...window, order: "newest" }),
        [242, 270, 271, 272],
      );
    });

    it("a search of a store answers thousands of matches", () => {
      const store = makeStore({ ...roomy, maxItems: 6_000 });
      for (let i = 0; i < 12; i++) keep(store, "logs", logsOf(500, { seed: i + 1 }));
      const ordinals = Array.from({ length: 6_000 }, (_, i) => i);
      assert.deepEqual(findAll(store, "logs", {}, all), ordinals);
      assert.deepEqual(findAll(store, "logs", {}, { ...all, order: "newest" }), ordinals);
    });

    it("a search of a store finds every item with the attributes, on the item, its scope or its resource", () => {
      for (const [signal, decode] of decoders) {
        const store = makeStore(roomy);
        const resource = { "deployment.environment.name": "test", ratio: 0.5, big: 2n ** 60n };
        keep(store, signal, requestOf(signal, 15, { seed: 1 }));
        keep(store, signal, requestOf(signal, 15, { seed: 2, resource }));
        for (const pool of ["a", "b"]) {
          const scope = { name: "http", version: "1.0", attributes: { pool, shared: 7 } };
          keep(store, signal, requestOf(signal, 5, { seed: 3, scope }));
        }
        assert.equal(
          findAll(store, signal, { attributes: new Map([["pool", "b"]]) }, all).at(-1),
          39,
          signal,
        );
        for (let ordinal = 0; ordinal < 40; ordinal++) {
          const item = decode(store.read(signal, ordinal)!);
          const pairs = Object.entries({ ...item.resource, ...item.scope.attributes, ...item.attributes });
          for (const [key, value] of pairs) {
            const attributes = new Map([[key, attributeText(value)]]);
            assert.ok(findAll(store, signal, { attributes }, all).includes(ordinal), `${signal}: ${key}`);
          }
          const attributes = new Map(pairs.map(([key, value]) => [key, attributeText(value)]));
          assert.ok(findAll(store, signal, { attributes }, all).includes(ordinal), `${signal}: all`);
        }
      }
    });

    it("a search of a store finds the spans of several traces and of no other, also where ids resemble each other", () => {
      const store = makeStore(roomy);
      const traceIds = range(0, 300).map((i) =>
        Buffer.alloc(16).fill(Buffer.of(1 + (i % 250), 7), 0, 4 + (i % 5)),
      );
      // The same bytes in another order.
      const alike = range(0, 300).map((i) => Buffer.from(traceIds[i] ?? []).reverse());
      const all = [...traceIds, ...alike];
      keep(store, "traces", spansWith(...all.map((traceId) => ({ traceId }))));
      const wanted = new Set(traceIds.filter((_, i) => i % 3 === 0).map(idOf));
      const expected = range(0, 600).filter((i) => wanted.has(idOf(all[i]!)));
      check(store, "traces", [[{ traceIds: wanted }, expected]]);
    });

    it("a search of a store narrows spans by each field of a filter, exactly", () => {
      const store = makeStore(roomy);
      keep(
        store,
        "traces",
        spansWith(
          { traceId: traceA, name: "GET /", kind: 2, startTimeUnixNano: 1000n, endTimeUnixNano: 1500n },
          { traceId: traceB, name: "GET", kind: 3, startTimeUnixNano: 2000n, endTimeUnixNano: 2000n },
          { traceId: traceA, name: "", kind: 0, startTimeUnixNano: 3000n, endTimeUnixNano: 2999n },
          { name: "überall", kind: 5, startTimeUnixNano: 2n ** 63n, endTimeUnixNano: 2n ** 64n - 1n },
          { name: "GET /", status: { code: 2 }, startTimeUnixNano: 0n, endTimeUnixNano: 2n ** 33n },
          {
            name: "GET /",
            status: { code: 1 },
            startTimeUnixNano: 2n ** 32n,
            endTimeUnixNano: 2n ** 32n + 501n,
          },
        ),
      );
      check(store, "traces", [
        [{}, [0, 1, 2, 3, 4, 5]],
        [inTraceA, [0, 2]],
        [inTraceB, [1]],
        [{ traceId: idOf(new Uint8Array(16).fill(0xcc)) }, []],
        [{ traceIds: new Set([inTraceA.traceId, inTraceB.traceId]) }, [0, 1, 2]],
        [{ traceIds: new Set([inTraceB.traceId]), kind: 3 }, [1]],
        [{ traceIds: new Set() }, []],
        [{ name: "GET /" }, [0, 4, 5]],
        [{ name: "GET" }, [1]],
        [{ name: "überall" }, [3]],
        [{ name: "get /" }, []],
        [{ name: "" }, [2]],
        [{ kind: 2 }, [0, 4, 5]],
        [{ kind: 0 }, [2]],
        [{ kind: 4 }, []],
        [{ statusCode: 0 }, [0, 1, 2, 3]],
        [{ statusCode: 1 }, [5]],
        [{ statusCode: 2 }, [4]],
        [{ minDurationNano: 0n }, [0, 1, 2, 3, 5]],
        [{ minDurationNano: 1n }, [0, 3, 5]],
        [{ minDurationNano: 500n }, [0, 3, 5]],
        [{ minDurationNano: 501n }, [3, 5]],
        [{ minDurationNano: 502n }, [3]],
        [{ minDurationNano: 2n ** 63n - 1n }, [3]],
        [{ minDurationNano: 2n ** 63n }, []],
        [{ maxDurationNano: 0n }, [1, 2]],
        [{ maxDurationNano: 500n }, [0, 1, 2]],
        [{ minDurationNano: 1n, maxDurationNano: 500n }, [0]],
        [{ sinceUnixNano: 0n }, [0, 1, 2, 3, 5]],
        [{ sinceUnixNano: 2000n }, [1, 2, 3, 5]],
        [{ sinceUnixNano: 2001n }, [2, 3, 5]],
        [{ untilUnixNano: 2000n }, [0]],
        [{ untilUnixNano: 2001n }, [0, 1]],
        [{ untilUnixNano: 0n }, []],
        [{ sinceUnixNano: 2n ** 32n }, [3, 5]],
        [{ sinceUnixNano: 2n ** 63n }, [3]],
        [{ sinceUnixNano: 2000n, untilUnixNano: 3001n }, [1, 2]],
        [{ service: "shop" }, [0, 1, 2, 3, 4, 5]],
        [{ service: "shoe" }, []],
        [{ service: "" }, []],
        [{ service: "shop", name: "GET /", ...inTraceA, kind: 2 }, [0]],
        [{ service: "shop", name: "GET /", ...inTraceB }, []],
      ]);
    });

    it("a search of a store tells apart trace ids that differ in one byte", () => {
      const store = makeStore(roomy);
      const ids = Array.from({ length: 16 }, (_, i) => traceA.with(i, 0xab));
      keep(store, "traces", spansWith(...ids.map((traceId) => ({ traceId }))));
      for (const [i, traceId] of ids.entries()) {
        assert.deepEqual(findAll(store, "traces", { traceId: idOf(traceId) }, all), [i]);
      }
    });

    it("a search of a store narrows log records by each field of a filter, by their own time or else the observed one", () => {
      const store = makeStore(roomy);
      keep(
        store,
        "logs",
        logsWith(
          { traceId: traceA, severityNumber: 17, timeUnixNano: 1000n, observedTimeUnixNano: 9000n },
          { traceId: traceB, severityNumber: 9, timeUnixNano: 0n, observedTimeUnixNano: 2000n },
          { traceId: new Uint8Array(), severityNumber: 0, timeUnixNano: 0n, observedTimeUnixNano: 0n },
          { traceId: Uint8Array.of(1, 2, 3), severityNumber: 24, timeUnixNano: 3000n },
          { traceId: new Uint8Array(16), severityNumber: 16, timeUnixNano: 4000n },
        ),
      );
      check(store, "logs", [
        [inTraceA, [0]],
        [inTraceB, [1]],
        [{ minSeverity: 0 }, [0, 1, 2, 3, 4]],
        [{ minSeverity: 1 }, [0, 1, 3, 4]],
        [{ minSeverity: 17 }, [0, 3]],
        [{ minSeverity: 18 }, [3]],
        [{ sinceUnixNano: 2000n }, [1, 3, 4]],
        [{ untilUnixNano: 2000n }, [0]],
        [{ service: "shop", minSeverity: 17, sinceUnixNano: 3000n }, [3]],
        [{ service: "cart" }, []],
      ]);
    });

    it("a search of a store finds no log record by an earlier trace id than its last", () => {
      const store = makeStore(roomy);
      const traceId = (...ids: Uint8Array[]) => Buffer.concat(ids.map((id) => lengthDelimited(9, id)));
      const logs = [
        traceId(),
        traceId(new Uint8Array(16)),
        traceId(new Uint8Array(15)),
        traceId(Buffer.concat([traceA, Uint8Array.of(0)])),
        traceId(traceA, Uint8Array.of(1, 2, 3)),
        traceId(traceA, new Uint8Array()),
        traceId(traceB, traceA),
      ].map((log) => lengthDelimited(2, log));
      const bytes = lengthDelimited(1, lengthDelimited(2, ...logs));
      assert.equal(appendBytes(store, "logs", bytes).kind, "kept");
      check(store, "logs", [
        [inTraceB, []],
        [inTraceA, [6]],
      ]);
    });

    it("a search of a store narrows data points by each field of a filter", () => {
      const store = makeStore(roomy);
      // Two points of each: sum, gauge, histogram, exponential histogram, summary.
      keep(store, "metrics", metricsOf(10, { startUnixNano: 0n }));
      check(store, "metrics", [
        [{ type: "sum" }, [0, 1]],
        [{ type: "gauge" }, [2, 3]],
        [{ type: "histogram" }, [4, 5]],
        [{ type: "exponential-histogram" }, [6, 7]],
        [{ type: "summary" }, [8, 9]],
        [{ name: "rpc.latency" }, [8, 9]],
        [{ name: "rpc.latency", type: "sum" }, []],
        [{ name: "rpc" }, []],
        // Point i of metric m has the time of (m + 5i + 1) ms.
        [{ sinceUnixNano: 6_000_000n }, [1, 3, 5, 7, 9]],
        [{ untilUnixNano: 6_000_000n }, [0, 2, 4, 6, 8]],
        [{ sinceUnixNano: 5_000_000n, untilUnixNano: 6_000_001n }, [1, 8]],
        [{ service: "shop", type: "gauge", untilUnixNano: 6_000_000n }, [2]],
      ]);
    });

    it("a search of a store knows an unknown enum value from the known ones", () => {
      const store = makeStore(roomy);
      const unknown = (code: number) => ({ kind: code as never, status: { code: code as never } });
      keep(store, "traces", spansWith(unknown(77), unknown(-1), unknown(256 + 2), unknown(2)));
      check(store, "traces", [
        [{ kind: 2 }, [3]],
        [{ statusCode: 2 }, [3]],
        [{ kind: 77 }, [0]],
      ]);
    });
  });
}

function idOf(bytes: Uint8Array): TraceId {
  return Buffer.from(bytes).toString("hex") as TraceId;
}

function check(
  store: TelemetryStore,
  signal: Signal,
  cases: readonly (readonly [AnyFilter, readonly number[]])[],
): void {
  for (const [filter, expected] of cases) {
    const label = `${signal} ${Object.entries(filter)
      .map(([key, value]) => `${key}=${value}`)
      .join()}`;
    assert.deepEqual(findAll(store, signal, filter, all), expected, label);
    assert.deepEqual(findAll(store, signal, filter, { ...all, order: "newest" }), expected, label);
    assert.deepEqual(findAll(store, signal, filter, { ...all, limit: 1 }), expected.slice(0, 1), label);
    assert.deepEqual(
      findAll(store, signal, filter, { ...all, order: "newest", limit: 1 }),
      expected.slice(-1),
      label,
    );
  }
}
