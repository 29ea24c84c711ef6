import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCodes, ObsvtyError } from "../../../src/domain/errors.ts";

describe("ObsvtyError", () => {
  it("an ObsvtyError carries a retry hint of a second when its cause is likely to pass soon, and no hint otherwise", () => {
    const hints = errorCodes.map((code) => [code, new ObsvtyError(code, "refused").retryAfterMs] as const);

    assert.deepEqual(
      hints.filter(([, hint]) => hint !== undefined),
      [
        ["too-many-watchers", 1_000],
        ["answers-too-large", 1_000],
        ["overloaded", 1_000],
        ["buffer-full", 1_000],
        ["sink-unavailable", 1_000],
        ["unconfirmed", 1_000],
        ["stopping", 1_000],
      ],
    );
  });

  it("an ObsvtyError carries the retry hint that its maker knows in place of the one of its code", () => {
    assert.equal(new ObsvtyError("overloaded", "refused", { retryAfterMs: 5 }).retryAfterMs, 5);
    assert.equal(new ObsvtyError("too-large", "refused", { retryAfterMs: 5 }).retryAfterMs, 5);
  });

  it("an ObsvtyError keeps its retry hint when it is told in the spelling of JSON", () => {
    const error = new ObsvtyError("over-rate", "a_b", { retryAfterMs: 7, messageInJson: "aB" }).inJson();

    assert.deepEqual([error.message, error.retryAfterMs], ["aB", 7]);
  });
});
