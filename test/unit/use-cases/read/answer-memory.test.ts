import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ObsvtyError } from "../../../../src/domain/errors.ts";
import { AnswerMemory } from "../../../../src/use-cases/read/answer-memory.ts";

describe("AnswerMemory", () => {
  it("an answer that other answers leave no memory for is refused with a hint when to retry", () => {
    const memory = new AnswerMemory(100);
    const first = memory.open();
    const second = memory.open();
    first.take(60);
    second.take(40);
    assert.throws(
      () => second.take(1),
      (reason) =>
        reason instanceof ObsvtyError &&
        reason.code === "answers-too-large" &&
        reason.retryAfterMs !== undefined &&
        /reach 100 bytes together \(MAX_QUERY_BYTES\)$/.test(reason.message),
    );
    first.release();
    second.take(60);
    assert.equal(memory.bytes, 100);
  });

  it("the only answer gets all the memory that it needs", () => {
    const memory = new AnswerMemory(100);
    const share = memory.open();
    share.take(500);
    share.take(10);
    assert.equal(memory.bytes, 510);
    assert.throws(() => memory.open().take(1));
    share.release();
    assert.equal(memory.bytes, 0);
  });

  it("the memory of answers comes back once, however often a share is released", () => {
    const memory = new AnswerMemory(100);
    const share = memory.open();
    share.take(60);
    share.release();
    share.release();
    share.take(60);
    share.resize(60);
    assert.equal(memory.bytes, 0);
  });

  it("an answer waits until memory is released", async () => {
    const memory = new AnswerMemory(100);
    const first = memory.open();
    const second = memory.open();
    first.take(100);
    let isThere = false;
    const waiting = second.takeLater(50, undefined).then(() => {
      isThere = true;
    });
    first.resize(80);
    await new Promise(setImmediate);
    assert.equal(isThere, false);
    first.resize(50);
    await waiting;
    assert.equal(memory.bytes, 100);
  });

  it("the wait for memory ends when the call is aborted", async () => {
    const memory = new AnswerMemory(100);
    memory.open().take(100);
    const call = new AbortController();
    const reason = new Error("gone");
    const waiting = memory.open().takeLater(1, call.signal);
    call.abort(reason);
    await assert.rejects(waiting, reason);
    assert.equal(memory.bytes, 100);
  });
});
