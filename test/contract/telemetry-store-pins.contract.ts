import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ErrorCode } from "../../src/domain/errors.ts";
import { type Signal, signals } from "../../src/domain/signal.ts";
import type { TelemetryStore } from "../../src/ports/telemetry-store.ts";
import { createRandom } from "../support/random.ts";
import { appendBytes, encode, keep, logsOf, requestOf, spansOf } from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

/** The part of the contract about items that must not be evicted. */
export function describePins(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("pin", () => {
    it("a store refuses a request that would evict a pinned item for the number of items, and changes nothing", () => {
      const store = makeStore({ ...roomy, maxItems: 5 });
      store.pin("traces", 0);
      keep(store, "traces", spansOf(3));
      refuses(store, "traces", encode("traces", spansOf(3)), "buffer-full");
      keep(store, "traces", spansOf(2));
      refuses(store, "traces", encode("traces", spansOf(1)), "buffer-full");
      assert.deepEqual(store.range("traces"), { first: 0, next: 5 });
    });

    it("a store lets items before the pinned ones go", () => {
      const store = makeStore({ ...roomy, maxItems: 5 });
      store.pin("traces", 0);
      keep(store, "traces", spansOf(5));
      store.pin("traces", 2);
      refuses(store, "traces", encode("traces", spansOf(3)), "buffer-full");
      assert.equal(keep(store, "traces", spansOf(2)).firstOrdinal, 5);
      assert.deepEqual(store.range("traces"), { first: 2, next: 7 });
    });

    it("a pin holds up no other signal by the number of its items", () => {
      const store = makeStore({ ...roomy, maxItems: 2 });
      store.pin("traces", 0);
      keep(store, "traces", spansOf(2));
      for (let i = 0; i < 5; i++) keep(store, "logs", logsOf(2));
      assert.equal(store.stats("logs").evicted, 8);
    });

    it("a pin of items that were evicted before refuses nothing", () => {
      const store = makeStore({ ...roomy, maxItems: 4 });
      for (let i = 0; i < 3; i++) keep(store, "traces", spansOf(2));
      store.pin("traces", 0);
      refuses(store, "traces", encode("traces", spansOf(1)), "buffer-full");
      store.clear();
      for (let i = 0; i < 2; i++) keep(store, "traces", spansOf(2));
    });

    it("a pin ends with Infinity, and clear forgets pinned items", () => {
      const store = makeStore({ ...roomy, maxItems: 2 });
      store.pin("traces", 0);
      keep(store, "traces", spansOf(2));
      store.pin("traces", Number.POSITIVE_INFINITY);
      keep(store, "traces", spansOf(2));
      store.pin("traces", 0);
      assert.equal(store.clear(), 2);
      assert.equal(keep(store, "traces", spansOf(2)).firstOrdinal, 4);
    });

    it("a store with pins refuses for good what the whole buffer could not hold", () => {
      const store = makeStore({ maxItems: 4, maxBytes: 65_536 });
      for (const signal of signals) store.pin(signal, 0);
      refuses(store, "traces", encode("traces", spansOf(5)), "too-large");
      const large = spansOf(1, { resource: { padding: "x".repeat(70_000) } });
      refuses(store, "traces", encode("traces", large), "too-large");
      assert.equal(keep(store, "traces", spansOf(4)).firstOrdinal, 0);
    });

    it("a store refuses a request without room while all bytes are pinned, and takes it when some are not", () => {
      const store = makeStore({ maxItems: 1_000, maxBytes: 65_536 });
      for (const signal of signals) store.pin(signal, 0);
      const body = encode("logs", requestOf("logs", 1, { resource: { padding: "x".repeat(7_000) } }));
      let kept = 0;
      while (appendBytes(store, "logs", body).kind === "kept") kept++;
      assert.ok(kept >= 5, `${kept} of 9 requests fit`);
      const trace = encode("traces", spansOf(1, { resource: { padding: "x".repeat(7_000) } }));
      refuses(store, "logs", body, "buffer-full");
      refuses(store, "traces", trace, "buffer-full");
      assert.deepEqual(store.range("logs"), { first: 0, next: kept });
      store.pin("logs", kept);
      assert.equal(appendBytes(store, "traces", trace).kind, "kept");
    });

    it("a store lets younger items of another signal go when the oldest of all are pinned", () => {
      const store = makeStore({ maxItems: 1_000, maxBytes: 65_536 });
      store.pin("traces", 0);
      const padded = (signal: Signal) =>
        encode(signal, requestOf(signal, 1, { resource: { padding: "x".repeat(7_000) } }));
      appendBytes(store, "traces", padded("traces"));
      for (let i = 0; i < 50; i++) assert.equal(appendBytes(store, "logs", padded("logs")).kind, "kept");
      assert.deepEqual(store.range("traces"), { first: 0, next: 1 });
      assert.ok(store.stats("logs").evicted > 0);
    });

    it("a store never loses a pinned item, whatever is appended", () => {
      const random = createRandom(11);
      const store = makeStore({ maxItems: 40, maxBytes: 131_072 });
      const pinned = { traces: 0, logs: 0, metrics: 0, profiles: 0 };
      for (const signal of signals) store.pin(signal, 0);
      let refused = 0;
      for (let i = 0; i < 600; i++) {
        const signal = random.pick(signals);
        const resource = { padding: "x".repeat(random.below(12_000)) };
        const body = encode(signal, requestOf(signal, 1 + random.below(6), { seed: i + 1, resource }));
        if (appendBytes(store, signal, body).kind === "refused") refused++;
        for (const each of signals) {
          const { first, next } = store.range(each);
          assert.ok(first <= pinned[each], `${each}: ${first} is held, ${pinned[each]} was pinned`);
          if (random.below(16) > 0) continue;
          pinned[each] += random.below(next - pinned[each] + 1);
          store.pin(each, pinned[each]);
        }
      }
      assert.ok(refused > 10 && refused < 590, `${refused} refused`);
    });
  });
}

function refuses(store: TelemetryStore, signal: Signal, body: Uint8Array, code: ErrorCode): void {
  const before = signals.map((each) => [store.range(each), store.stats(each)]);
  const outcome = appendBytes(store, signal, body);
  assert.ok(outcome.kind === "refused", "the request is refused");
  assert.equal(outcome.error.code, code);
  assert.equal(outcome.error.retryAfterMs !== undefined, code === "buffer-full");
  assert.deepEqual(
    signals.map((each) => [store.range(each), store.stats(each)]),
    before,
  );
}
