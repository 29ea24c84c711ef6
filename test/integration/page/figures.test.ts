import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, sendOrders } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

test("services, metrics and the status are shown", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/services");
  await page.getByRole("row", { name: /shop charge card 3/ }).waitFor();
  await page.getByRole("link", { name: "metrics" }).click();
  await page.getByRole("row", { name: /shop\.orders sum/ }).waitFor();
  await page.getByRole("link", { name: "status" }).click();
  await page.getByRole("row", { name: /^traces 6 / }).waitFor();
  await page.getByText("Nothing is handed on.").waitFor();
  assert.deepEqual(faults, []);
});
