import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSpan, startReceiver } from "obsvty/testing";
import { span } from "./span.mjs";

test("a module gets what is sent to its receiver", async () => {
  const receiver = await startReceiver();
  try {
    await fetch(`${receiver.endpoint}/v1/traces`, span("of a module"));
    assert.equal((await assertSpan(receiver, { name: "of a module" })).service, "consumer");
  } finally {
    await receiver.close();
  }
});
