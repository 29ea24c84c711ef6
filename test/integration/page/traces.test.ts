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

test("filters are in the address, which shows the same to somebody else", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/traces");
  await rows(page).nth(2).waitFor();
  await page.getByLabel("errors").check();
  await page.getByText("1 trace that match").waitFor();
  await page.getByLabel("service").fill("shop");
  await page.getByLabel("service").press("Enter");
  await page.waitForURL(/service=shop/);
  const copied = page.url();
  await page.getByRole("button", { name: "clear" }).click();
  await rows(page).nth(2).waitFor();

  const other = await page.context().newPage();
  await other.goto(copied);
  await other.getByText("1 trace that match").waitFor();
  await other.getByLabel("at least").fill("1h");
  await other.getByLabel("at least").press("Enter");
  await other.getByText("No trace that is held has a span that matches").waitFor();
  await other.getByLabel("at least").fill("soon");
  await other.getByLabel("at least").press("Enter");
  await other.getByText("A duration is a number and a unit").waitFor();
  assert.deepEqual(faults, []);
});
