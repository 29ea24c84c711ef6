import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Closable, closeInOrder } from "../../../src/use-cases/closing.ts";

const neverAborts = new AbortController().signal;

describe("closeInOrder", () => {
  it("closeInOrder closes one thing after the other", async () => {
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

  it("closeInOrder tells of a thing that fails to close, and closes those after it", async () => {
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

  it("closeInOrder leaves behind a thing that does not close within the grace, and closes the rest", async () => {
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
