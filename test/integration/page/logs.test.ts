import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

test("logs are listed live, filtered by severity, and lead to their trace and back", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await go("#/logs");
  await page.getByText("No log record is held").waitFor();
  await sendOrders(server);
  await rows(page).nth(2).waitFor();
  await page.getByRole("combobox", { name: "add a filter" }).fill("severity: error");
  await page.keyboard.press("Enter");
  await page.getByText("1 log record that match").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  const detail = page.getByRole("complementary", { name: "Log record" });
  await detail.getByText("cart.id").waitFor();
  await detail.getByRole("link", { name: await failedTrace(server) }).click();
  await page.getByRole("treegrid").waitFor();
  await page.getByRole("link", { name: "its logs" }).click();
  await page.getByText("1 log record that match").waitFor();
  await page.goBack();
  await page.getByRole("treegrid").waitFor();
  assert.deepEqual(faults, []);
});
