import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { signals } from "../../src/domain/signal.ts";
import { lastOf } from "../support/steps.ts";
import { encode, keep, logsOf, requestOf, spanNames, spansOf } from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

/** The part of the contract about `appendInSteps`. */
export function describeSteps(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("appending in steps", () => {
    it("appending in steps comes to what appending at once does", () => {
      for (const signal of signals) {
        const [atOnce, inSteps] = [makeStore(roomy), makeStore(roomy)];
        const bytes = encode(signal, requestOf(signal, 7));
        const chunks = [bytes.subarray(0, 100), bytes.subarray(100)];
        for (let i = 0; i < 2; i++) {
          const expected = atOnce.append(signal, chunks, bytes.byteLength);
          assert.deepEqual(lastOf(inSteps.appendInSteps(signal, chunks, bytes.byteLength)), expected);
        }
        assert.deepEqual(inSteps.range(signal), atOnce.range(signal));
        assert.deepEqual(inSteps.stats(signal), atOnce.stats(signal));
        for (const ordinal of [0, 6, 7, 13]) {
          assert.deepEqual(inSteps.read(signal, ordinal), atOnce.read(signal, ordinal));
        }
      }
    });

    it("appending in steps keeps nothing before the last step, while others are appended", () => {
      const store = makeStore({ ...roomy, maxItems: 20 });
      keep(store, "traces", spansOf(2));
      // Longer than what any store takes in one step.
      const request = spansOf(15, { resource: { padding: "x".repeat(2_000_000) } });
      const bytes = encode("traces", request);
      let others = 0;
      const outcome = lastOf(store.appendInSteps("traces", [bytes], bytes.byteLength), () => {
        assert.deepEqual(store.range("traces"), { first: 0, next: 2 + others });
        if (others > 0) return;
        others += keep(store, "traces", spansOf(1)).accepted;
        keep(store, "logs", logsOf(3));
      });
      assert.ok(outcome.kind === "kept");
      assert.deepEqual([others, outcome.accepted, outcome.firstOrdinal], [1, 15, 3]);
      assert.deepEqual(store.range("traces"), { first: 0, next: 18 });
      const names = Array.from({ length: 15 }, (_, i) => `span ${i}`);
      assert.deepEqual(spanNames(store), ["span 0", "span 1", "span 0", ...names]);
      assert.deepEqual(store.range("logs"), { first: 0, next: 3 });
    });

    it("appending in steps refuses what appending at once does, and begins anew", () => {
      const store = makeStore(roomy);
      const truncated = encode("traces", spansOf(2)).subarray(0, -1);
      const outcome = lastOf(store.appendInSteps("traces", [truncated], truncated.byteLength));
      assert.ok(outcome.kind === "refused");
      assert.equal(outcome.error.code, "not-the-message");
      const bytes = encode("traces", spansOf(2));
      assert.equal(lastOf(store.appendInSteps("traces", [bytes], bytes.byteLength)).kind, "kept");
      assert.deepEqual(spanNames(store), ["span 0", "span 1"]);
    });

    it("appending in steps lets a request go that is given up between two steps", () => {
      const store = makeStore(roomy);
      const bytes = encode("logs", logsOf(2));
      const padded = Buffer.concat([bytes, Buffer.alloc(2_000_000, Uint8Array.of(0x78, 0))]);
      const steps = store.appendInSteps("logs", [padded], padded.byteLength);
      steps.next();
      steps.return(undefined as never);
      assert.deepEqual(store.range("logs"), { first: 0, next: 0 });
      assert.equal(lastOf(store.appendInSteps("logs", [bytes], bytes.byteLength)).kind, "kept");
      assert.deepEqual(store.range("logs"), { first: 0, next: 2 });
    });
  });
}
