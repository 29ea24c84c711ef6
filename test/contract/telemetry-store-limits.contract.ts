import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { signals } from "../../src/domain/signal.ts";
import { decodeSpan } from "../../src/otlp/decode/decode-item.ts";
import type { TelemetryStore } from "../../src/ports/telemetry-store.ts";
import { makeAttributes } from "../support/otlp-attributes.ts";
import { keep, logsOf, requestOf, spanNames, spansOf } from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

/** The part of the contract about what is held, and what is evicted. */
export function describeLimits(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("limits", () => {
    it("a store holds the newest items of each signal, on its own", () => {
      const store = makeStore({ ...roomy, maxItems: 5 });
      keep(store, "logs", logsOf(2));
      for (let i = 0; i < 4; i++) keep(store, "traces", spansOf(3));
      assert.deepEqual(store.range("traces"), { first: 7, next: 12 });
      assert.deepEqual(spanNames(store), ["span 1", "span 2", "span 0", "span 1", "span 2"]);
      assert.equal(store.stats("traces").items, 5);
      assert.equal(store.stats("traces").evicted, 7);
      assert.equal(store.read("traces", 6), undefined);
      assert.deepEqual(store.range("logs"), { first: 0, next: 2 });
      assert.equal(store.stats("logs").evicted, 0);
    });

    it("a store never holds more bytes than its limit over all signals, and evicts the oldest", () => {
      const limits = { maxItems: 1_000_000, maxBytes: 1024 * 1024 };
      const store = makeStore(limits);
      for (let i = 0; i < 60; i++) {
        for (const signal of ["traces", "logs", "metrics"] as const) {
          keep(store, signal, requestOf(signal, 50, { seed: i + 1 }));
          assertSound(store, limits);
          const { next } = store.range(signal);
          assert.ok(store.read(signal, next - 1), "the newest item is held");
        }
      }
      for (const signal of ["traces", "logs", "metrics"] as const) {
        assert.ok(store.stats(signal).evicted > 0);
        assert.ok(store.stats(signal).items > 0);
        assert.equal(store.stats(signal).evicted, store.range(signal).first);
      }
    });

    it("a store accepts a request of more items than its limit", () => {
      const limits = { ...roomy, maxItems: 10 };
      const store = makeStore(limits);
      keep(store, "traces", spansOf(4));
      assert.equal(keep(store, "traces", spansOf(25)).accepted, 25);
      assertSound(store, limits);
      const { first, next } = store.range("traces");
      assert.equal(next, 29);
      assert.equal(store.stats("traces").evicted, first);
      assert.equal(keep(store, "traces", spansOf(3)).firstOrdinal, 29);
      assert.equal(decodeSpan(store.read("traces", 31)!).name, "span 2");
      assertSound(store, limits);
    });

    it("a store accepts a request larger than the whole buffer, and evicts it at once", () => {
      const limits = { maxItems: 1_000, maxBytes: 256 * 1024 };
      const store = makeStore(limits);
      keep(store, "traces", spansOf(5));
      const large = spansOf(20);
      for (const { spans } of large.resourceSpans[0]!.scopeSpans) {
        for (const span of spans) span.attributes = makeAttributes({ text: "x".repeat(40_000) });
      }
      assert.equal(keep(store, "traces", large).accepted, 20);
      assertSound(store, limits);
      const { first, next } = store.range("traces");
      assert.equal(next, 25);
      assert.ok(first >= 5, "the oldest went first");
      assert.equal(store.stats("traces").evicted, first);
      assert.equal(keep(store, "traces", spansOf(2)).firstOrdinal, 25);
      assert.equal(decodeSpan(store.read("traces", 26)!).name, "span 1");
      assertSound(store, limits);
    });

    it("a store answers correctly after many times its capacity", () => {
      const limits = { maxItems: 64, maxBytes: 512 * 1024 };
      const store = makeStore(limits);
      for (let i = 0; i < 300; i++) {
        const count = 1 + ((i * 7) % 40);
        keep(store, "traces", spansOf(count, { seed: i + 1, serviceName: `s${i}` }));
        const { first, next } = store.range("traces");
        const newest = decodeSpan(store.read("traces", next - 1)!);
        assert.equal(newest.name, `span ${count - 1}`);
        assert.equal(newest.service, `s${i}`);
        assert.doesNotThrow(() => decodeSpan(store.read("traces", first)!));
      }
      assertSound(store, limits);
    });
  });
}

/** What holds at any moment, whatever was done to the store. */
function assertSound(store: TelemetryStore, { maxItems, maxBytes }: StoreLimits): void {
  let bytes = 0;
  for (const signal of signals) {
    const { first, next } = store.range(signal);
    const stats = store.stats(signal);
    assert.equal(stats.items, next - first);
    assert.ok(stats.items <= maxItems, `${stats.items} ${signal} are held`);
    assert.equal(stats.bytes > 0, stats.items > 0);
    bytes += stats.bytes;
    assert.equal(store.read(signal, first - 1), undefined);
    assert.equal(store.read(signal, next), undefined);
    if (stats.items > 0) {
      assert.equal(store.read(signal, first)?.ordinal, first);
      assert.equal(store.read(signal, next - 1)?.ordinal, next - 1);
    }
  }
  assert.ok(bytes <= maxBytes, `${bytes} bytes are held`);
}
