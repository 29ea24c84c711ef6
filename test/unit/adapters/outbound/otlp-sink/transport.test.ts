import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { readAnswer } from "../../../../../src/adapters/outbound/otlp-sink/transport.ts";

describe("the body of an upstream's answer", () => {
  test("is what was sent, and empty when it is too long to be a message", async () => {
    const chunk = Buffer.alloc(64 * 1_024, 1);
    assert.deepEqual(Buffer.from(await readAnswer(Readable.from([chunk]))), chunk);
    assert.equal((await readAnswer(Readable.from([chunk, chunk]))).byteLength, 0);
  });

  test("is cut off when it has no end", async () => {
    let chunks = 0;
    const endless = Readable.from(
      (function* () {
        for (; chunks < 10_000; chunks++) yield Buffer.alloc(64 * 1_024);
      })(),
    );
    assert.equal((await readAnswer(endless)).byteLength, 0);
    assert.ok(endless.destroyed && chunks < 100, `${chunks} chunks read`);
  });
});
