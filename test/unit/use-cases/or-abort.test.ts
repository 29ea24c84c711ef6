import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { orAbort } from "../../../src/use-cases/or-abort.ts";

const reason = new Error("the caller has left");

describe("orAbort", () => {
  test("orAbort settles as the promise does, and leaves nothing at the signal", async () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 100; i++) {
      assert.equal(await orAbort(Promise.resolve(i), signal), i);
      await assert.rejects(orAbort(Promise.reject(reason), signal), reason);
    }
    assert.deepEqual(getEventListeners(signal, "abort"), []);
  });

  test("orAbort rejects with the reason of an abort that comes first, or has come", async () => {
    const abort = new AbortController();
    const pending = new Promise<void>(() => {});
    const before = orAbort(pending, abort.signal);
    abort.abort(reason);
    await assert.rejects(before, reason);
    await assert.rejects(orAbort(pending, abort.signal), reason);
  });

  test("orAbort gives a result that was there when the abort came", async () => {
    const abort = new AbortController();
    const result = orAbort(Promise.resolve("done"), abort.signal);
    abort.abort(reason);
    assert.equal(await result, "done");
    assert.equal(await orAbort(Promise.resolve("done"), abort.signal), "done");
  });
});
