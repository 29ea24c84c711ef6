import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Closable, closeInOrder } from "../../../src/use-cases/closing.ts";

const neverAborts = new AbortController().signal;

describe("closeInOrder", () => {
  it("closes one thing after the other", async () => {
    const seen: string[] = [];
    const closable = (name: string): Closable => ({
      name,
      close: async () => {
        seen.push(`${name} begins`);
        await new Promise(setImmediate);
        seen.push(`${name} ends`);
      },
    });
    assert.deepEqual(await closeInOrder([closable("sink"), closable("journal")], neverAborts), []);
    assert.deepEqual(seen, ["sink begins", "sink ends", "journal begins", "journal ends"]);
  });

  it("closes what follows a failure, and tells of the failure", async () => {
    const error = new Error("disk full");
    let isClosed = false;
    const failures = await closeInOrder(
      [
        { name: "sink", close: () => Promise.reject(error) },
        {
          name: "journal",
          close: async () => {
            isClosed = true;
          },
        },
      ],
      neverAborts,
    );
    assert.deepEqual(failures, [{ name: "sink", error }]);
    assert.ok(isClosed);
  });

  it("leaves behind what does not end within the grace, and still closes the rest", async () => {
    const grace = new AbortController();
    const stuck: Closable = { name: "sink", close: () => new Promise(() => {}) };
    const quick: Closable = { name: "journal", close: async () => {} };
    const closing = closeInOrder([stuck, quick], grace.signal);
    grace.abort(new Error("the grace ran out"));
    assert.deepEqual(
      (await closing).map(({ name }) => name),
      ["sink"],
    );
  });
});
