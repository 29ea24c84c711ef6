import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { AnswerReader, inflateAnswer } from "../../../../../src/adapters/outbound/otlp-sink/answer-body.ts";

const readAnswer = (body: Readable) => new AnswerReader().read(body);

describe("the body of an upstream's answer", () => {
  test("the body of an upstream's answer is what was sent, and is not kept when it is too long", async () => {
    const chunk = Buffer.alloc(64 * 1_024, 1);
    assert.deepEqual(await readAnswer(Readable.from([chunk])), chunk);
    assert.equal(await readAnswer(Readable.from([chunk, chunk])), "too long");
  });

  test("the body of an upstream's answer is cut off when it has no end", async () => {
    let chunks = 0;
    const endless = Readable.from(
      (function* () {
        for (; chunks < 10_000; chunks++) yield Buffer.alloc(64 * 1_024);
      })(),
    );
    assert.equal(await readAnswer(endless), "too long");
    assert.ok(endless.destroyed && chunks < 100, `${chunks} chunks read`);
  });

  test("the body of an upstream's answer is as much as was read when it is cut", async () => {
    const cut = Readable.from(
      (function* () {
        yield Buffer.from("ok");
        throw new Error("cut");
      })(),
    );
    const reader = new AnswerReader();
    await assert.rejects(reader.read(cut), /^Error: cut$/);
    assert.deepEqual(reader.body, Buffer.from("ok"));
  });
});

test("the letter case of the coding of an upstream's answer does not matter", () => {
  const message = Buffer.from("partial success");
  assert.deepEqual(inflateAnswer(gzipSync(message), "GZIP"), message);
});
