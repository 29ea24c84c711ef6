import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCursors } from "../../../../src/use-cases/read/cursor.ts";
import { refusal } from "../../../support/refusal.ts";

const cursors = createCursors("run-1");

describe("cursors", () => {
  it("a cursor holds the ordinals that it was made of, for one signal and for all", () => {
    const positions = { traces: 0, logs: 1, metrics: 9_007_199_254_740_991, profiles: 42 };
    for (const signal of ["traces", "logs", "metrics", "profiles"] as const) {
      assert.equal(cursors.decode(cursors.encode(positions), signal, "after"), positions[signal]);
      const one = cursors.encode({ [signal]: positions[signal] });
      assert.equal(cursors.decode(one, signal, "after"), positions[signal]);
    }
  });

  it("a cursor needs no escaping in a URL", () => {
    for (let i = 0; i < 1000; i++) {
      assert.match(cursors.encode({ traces: i * 7919 }), /^[A-Za-z0-9_-]+$/);
    }
  });

  const good = cursors.encode({ traces: 5 });
  for (const cursor of [
    "",
    "x",
    "not a cursor",
    `${good}=`,
    `${good} `,
    `${good}\u0000`,
    good.slice(0, -2),
    good.toLowerCase(),
    encodeText("run-1.5...."),
    encodeText("run-1.5.."),
    encodeText("run-1.-5..."),
    encodeText("run-1.05..."),
    encodeText("run-1.5e3..."),
    encodeText("run-1.99999999999999999999..."),
    encodeText(".5..."),
    encodeText("run 1.5..."),
    "\u{1f600}",
  ]) {
    it(`a malformed cursor is refused: ${JSON.stringify(cursor)}`, () => {
      assert.throws(() => cursors.decode(cursor, "traces", "after"), refusal("after: not a cursor"));
    });
  }

  it("a cursor of another run is refused", () => {
    const old = createCursors("run-0").encode({ traces: 5 });
    assert.throws(
      () => cursors.decode(old, "traces", "after"),
      refusal("after: the cursor is from an earlier run of the server"),
    );
  });

  it("a cursor is refused for a signal that it does not hold", () => {
    assert.throws(() => cursors.decode(good, "logs", "from"), refusal("from: the cursor is not one of logs"));
  });
});

function encodeText(text: string): string {
  return Buffer.from(text).toString("base64url");
}
