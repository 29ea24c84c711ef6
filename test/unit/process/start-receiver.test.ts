import assert from "node:assert/strict";
import { test } from "node:test";
import { compose } from "../../../src/compose.ts";
import { startReceiver } from "../../../src/process/start-receiver.ts";
import { query } from "../../support/obsvty.ts";

test("a receiver of a command does not read the environment, and its end does not wait for calls", async (t) => {
  process.env.API_TOKEN = "of another server";
  t.after(() => {
    delete process.env.API_TOKEN;
  });
  const { endpoint, callsInFlight, close } = await startReceiver(compose);
  t.after(() => close());
  assert.match(endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual((await query({ url: endpoint }, "SearchLogs")).logs, []);
  assert.equal(callsInFlight(), 0);
  const waiting = query({ url: endpoint }, "WaitFor", { spans: {}, timeout: "60s" }).catch(() => "cut");
  while (callsInFlight() === 0) await new Promise(setImmediate);
  await close();
  assert.equal(await waiting, "cut");
});
