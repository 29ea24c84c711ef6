import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, sendOrders } from "../../support/browser/page.ts";
import { query } from "../../support/obsvty.ts";

const { open, skip } = inBrowser();

test("a log record of the address is not called gone while the server does not answer", {
  skip,
}, async (t) => {
  const { server, page, go } = await open(t);
  await sendOrders(server);
  const { logs } = await query(server, "SearchLogs", { limit: 1 });
  let refused = 0;
  await page.route("**/SearchLogs", async (route) => {
    const { before } = route.request().postDataJSON();
    if (before === undefined || refused === 2) return route.continue();
    refused += 1;
    return route.fulfill({ status: 429, json: { code: "resource_exhausted", message: "too many calls" } });
  });
  const gone: string[] = [];
  await page.exposeFunction("saidGone", (text: string) => gone.push(text));
  await page.addInitScript(`new MutationObserver(() => {
    const text = document.body?.textContent ?? "";
    if (text.includes("is not held")) saidGone(text);
  }).observe(document, { subtree: true, childList: true, characterData: true })`);
  // The record is not in the list of this filter.
  await go(`#/logs?service=none&record=${logs[0].cursor}`);
  await page.getByRole("complementary", { name: "Log record" }).waitFor();
  assert.deepEqual(gone, []);
});
