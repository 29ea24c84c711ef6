import { matchers, startReceiver } from "obsvty/testing";
import { expect, test } from "vitest";
import { startShop } from "../start-shop.js";

expect.extend(matchers);

test("a card that is declined fails the order", async () => {
  await using receiver = await startReceiver();
  await using shop = await startShop(receiver.env);
  await shop.checkout({ id: "c3", amount: 999.5 });
  await expect(receiver).toHaveSpan({ name: "charge card", statusCode: "error" });

  const trace = await receiver.waitForTrace({ name: "POST /checkout" });
  expect(trace).toBeTraceShaped({ name: "POST /checkout", children: [{ name: "charge card" }] });
  await expect(receiver).toHaveLog({ minSeverity: "error", traceId: trace.traceId });
});

test("an order that is paid is counted", async () => {
  await using receiver = await startReceiver();
  await using shop = await startShop(receiver.env);
  await shop.checkout({ id: "c1", amount: 59.9 });
  await expect(receiver).toHaveMetric({ name: "shop.orders", value: 1, attributes: { outcome: "paid" } });
});
