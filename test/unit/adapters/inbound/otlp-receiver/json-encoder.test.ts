import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { JsonEncoder } from "../../../../../src/adapters/inbound/otlp-receiver/json-encoder.ts";

/** A request of this many spans without content. */
function bodyOf(spans: number) {
  const json = Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${"{},".repeat(spans)}{}]}]}]}`);
  return { chunks: [json.subarray(0, 5), json.subarray(5)], byteLength: json.byteLength };
}

describe("the encoder of JSON requests", () => {
  test("encodes small requests on the spot, and large ones in the same way on a thread", async (t) => {
    const encoder = new JsonEncoder(2 ** 22);
    t.after(() => encoder.close());
    const small = encoder.encode("traces", bodyOf(10_000), "hex");
    const large = encoder.encode("traces", bodyOf(20_000), "hex");
    assert.ok("bytes" in small && large instanceof Promise);
    // An empty span takes two bytes.
    assert.equal((await large).bytes.byteLength - small.bytes.byteLength, 20_000);
  });

  test("lets the event loop turn while it encodes a large request", async (t) => {
    const encoder = new JsonEncoder(2 ** 22);
    t.after(() => encoder.close());
    let isEncoded = false;
    const encoded = Promise.resolve(encoder.encode("traces", bodyOf(1_300_000), "hex")).finally(() => {
      isEncoded = true;
    });
    let turns = 0;
    for (; !isEncoded; turns++) await turn();
    assert.equal((await encoded).bytes.byteLength > 2_600_000, true);
    // On the spot it would be encoded before the first turn.
    assert.ok(turns > 10, `${turns} turns`);
  });

  test("refuses for good a request that needs more heap than the thread has, and asks those behind it to come back", async (t) => {
    // A limit of 1 byte leaves 33 MiB for the thread.
    const encoder = new JsonEncoder(1);
    t.after(() => encoder.close());
    const tooMany = encoder.encode("traces", bodyOf(1_300_000), "hex");
    const behind = encoder.encode("traces", bodyOf(20_000), "hex");
    await Promise.all([
      assert.rejects(Promise.resolve(tooMany), { code: "too-large", retryAfterMs: undefined }),
      assert.rejects(Promise.resolve(behind), { code: "overloaded", retryAfterMs: 1000 }),
    ]);
    assert.ok((await encoder.encode("traces", bodyOf(20_000), "hex")).bytes.byteLength > 40_000);
  });
});
