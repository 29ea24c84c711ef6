import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { within } from "../../../../src/cli/commands/deadline.ts";

const server = { url: "http://there", headers: {} };
const never = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

describe("within", () => {
  test("a call within its deadline returns its answer", async () => {
    const { signal: abort } = new AbortController();
    assert.equal(await within(60_000, { server, abort }, async () => "answer"), "answer");
  });

  test("a call past its deadline fails with the name of the server that did not answer", async () => {
    const { signal: abort } = new AbortController();
    await assert.rejects(within(10, { server, abort }, never), {
      message: "http://there did not answer within 10 ms",
    });
  });

  test("an aborted call fails with the reason of its abort", async () => {
    const closed = new AbortController();
    const reason = new Error("closed");
    const call = within(60_000, { server, abort: closed.signal }, never);
    closed.abort(reason);
    await assert.rejects(call, reason);
  });
});
