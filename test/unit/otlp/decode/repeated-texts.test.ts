import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RepeatedTexts } from "../../../../src/otlp/decode/repeated-texts.ts";

describe("texts that come again and again", () => {
  test("texts of the same place in the cache, and changed bytes, are told apart", () => {
    const texts = new RepeatedTexts();
    const bytes = new Uint8Array(100);
    // More texts than the cache has places, in the same memory.
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 5_000; i++) {
        const { written } = new TextEncoder().encodeInto(`name ${i} ü`, bytes.subarray(3));
        assert.equal(texts.read(bytes, 3, 3 + written), `name ${i} ü`);
      }
    }
  });

  test("empty, long and invalid texts are decoded as TextDecoder does", () => {
    const texts = new RepeatedTexts();
    const long = Buffer.from("ü".repeat(200));
    assert.equal(texts.read(long, 0, 0), "");
    assert.equal(texts.read(long, 0, long.byteLength), "ü".repeat(200));
    for (let round = 0; round < 2; round++) {
      assert.equal(texts.read(Buffer.of(0x61, 0xff, 0xc3), 0, 3), "a\ufffd\ufffd");
    }
  });
});
