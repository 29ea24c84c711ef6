import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, rows, sendOrders } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

test("the first minute says how to send here, and turns into the list by itself", { skip }, async (t) => {
  const { server, page, faults, go } = await open(
    t,
    {},
    { permissions: ["clipboard-write", "clipboard-read"] },
  );
  await go("");
  await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
  const lines = (await page.locator("pre").first().textContent()) ?? "";
  assert.ok(lines.includes(server.url), lines);
  await page.getByRole("button", { name: "copy the lines for Node.js" }).click();
  await page.getByText("copied").waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), lines);

  await sendOrders(server);
  await page.getByRole("link", { name: "POST /checkout" }).first().waitFor();
  assert.equal(await rows(page).count(), 3);
  assert.deepEqual(faults, []);
});

test("no button lies over the lines to copy, on a phone and wide", { skip }, async (t) => {
  const { page, go } = await open(t);
  await go("");
  await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.locator("article").evaluateAll(
      (articles) =>
        articles.filter((article) => {
          const [lines, button] = ["pre", "button"].map((name) =>
            article.querySelector(name)!.getBoundingClientRect(),
          );
          return button!.bottom > lines!.top && button!.top < lines!.bottom;
        }).length,
    );
    assert.equal(over, 0, `at ${width} px`);
  }
});
