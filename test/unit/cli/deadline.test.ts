import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { within } from "../../../src/cli/deadline.ts";

const server = { url: "http://there", headers: {} };
const never = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

describe("within", () => {
  test("hands the answer on", async () => {
    const { signal } = new AbortController();
    assert.equal(await within(60_000, { server, signal }, async () => "answer"), "answer");
  });

  test("says who did not answer in time", async () => {
    const { signal } = new AbortController();
    await assert.rejects(within(10, { server, signal }, never), {
      message: "http://there did not answer within 10 ms",
    });
  });

  test("ends with whatever else ends the call", async () => {
    const closed = new AbortController();
    const reason = new Error("closed");
    const call = within(60_000, { server, signal: closed.signal }, never);
    closed.abort(reason);
    await assert.rejects(call, reason);
  });
});
