import assert from "node:assert/strict";
import { test } from "node:test";
import { assertLog, assertTraceShape, startReceiver } from "obsvty/testing";
import { startShop } from "../start-shop.js";

test("a card that is declined fails the order", async () => {
  await using receiver = await startReceiver();
  await using shop = await startShop(receiver.env);
  assert.equal((await shop.checkout({ id: "c3", amount: 999.5 })).status, 402);
  await receiver.waitForSpans({ name: "charge card", statusCode: "error", attributes: { "cart.id": "c3" } });

  const trace = await receiver.waitForTrace({ name: "POST /checkout" });
  assertTraceShape(trace, { name: "POST /checkout", children: [{ name: "charge card" }] });
  await assertLog(receiver, { minSeverity: "error", traceId: trace.traceId });
});

test("an order that is paid is counted", async () => {
  await using receiver = await startReceiver();
  await using shop = await startShop(receiver.env);
  await shop.checkout({ id: "c1", amount: 59.9 });
  await receiver.waitForMetrics({ name: "shop.orders", value: 1, attributes: { outcome: "paid" } });
});
