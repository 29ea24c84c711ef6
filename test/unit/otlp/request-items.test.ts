import assert from "node:assert/strict";
import { test } from "node:test";
import { signals } from "../../../src/domain/signal.ts";
import { countItems } from "../../../src/otlp/request-items.ts";
import { encode, requestOf } from "../../contract/store-requests.ts";

for (const signal of signals) {
  test(`the items of a request are counted without decoding it: ${signal}`, () => {
    for (const count of [1, 7, 30]) {
      const bytes = encode(signal, requestOf(signal, count));
      assert.equal(countItems(signal, bytes), count);
      assert.equal(
        countItems(signal, signal === "profiles" ? bytes : Buffer.concat([bytes, bytes])),
        signal === "profiles" ? count : 2 * count,
      );
    }
    assert.equal(countItems(signal, new Uint8Array()), 0);
  });
}

test("bytes that are no request have no items, and are not read past their end", () => {
  for (const bytes of [Buffer.from("{}{}{}{}"), Buffer.from([0x0a, 0xff]), Buffer.alloc(100, 0xff)]) {
    for (const signal of signals) assert.equal(countItems(signal, bytes), 0);
  }
});
