import assert from "node:assert/strict";
import { test } from "node:test";
import { failureText } from "../../../../src/cli/output/failure-text.ts";

process.env.TZ = "UTC";

test("the last failure of a sink is told with its time, and that it is over", () => {
  const view = {
    columns: 80,
    paint: (_style: unknown, text: string) => text,
    nowMs: Date.UTC(2026, 10, 23, 12),
  };
  const seconds = BigInt(Date.UTC(2026, 10, 23, 10, 0, 1) / 1_000);
  const failure = { lastFailure: "ECONNREFUSED", lastFailureTime: { seconds, nanos: 23_000_000 } };
  assert.equal(failureText({ ...failure, state: "failing" }, view), "ECONNREFUSED at 10:00:01.023");
  assert.equal(failureText({ ...failure, state: "ok" }, view), "ECONNREFUSED at 10:00:01.023 (over)");
  assert.equal(failureText({ state: "ok", lastFailure: "" }, view), "");
});
