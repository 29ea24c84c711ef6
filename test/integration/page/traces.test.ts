import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, rows, sendOrders } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

test("a list that is paused, or under the pointer, waits and says how many are new", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/traces");
  await page.getByRole("button", { name: "pause" }).click();
  await sendOrders(server);
  await page.getByRole("button", { name: "3 new" }).waitFor();
  assert.equal(await rows(page).count(), 3);
  await page.getByRole("button", { name: "resume" }).click();
  await rows(page).nth(5).waitFor();

  await rows(page).nth(2).hover();
  await sendOrders(server);
  await page.getByRole("button", { name: "3 new" }).waitFor();
  assert.equal(await rows(page).count(), 6);
  await page.mouse.move(5, 5);
  await rows(page).nth(8).waitFor();
  assert.deepEqual(faults, []);
});
