const assert = require("node:assert/strict");
const { test } = require("node:test");
const { startReceiver } = require("obsvty/testing");
const { span } = require("./span.mjs");

test("CommonJS gets what is sent to its receiver", async () => {
  const receiver = await startReceiver();
  try {
    await fetch(`${receiver.endpoint}/v1/traces`, span("of CommonJS"));
    assert.equal((await receiver.waitForSpans({ name: "of CommonJS" })).length, 1);
  } finally {
    await receiver.close();
  }
});
