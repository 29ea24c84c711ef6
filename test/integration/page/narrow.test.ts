import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

/** How many pixels the page is wider than the window. */
const overhang = "document.documentElement.scrollWidth - innerWidth";

/** Whether the part that has the focus shows it by an outline. */
const showsFocus = "getComputedStyle(document.activeElement).outlineStyle !== 'none'";

for (const width of [390, 1_024]) {
  test(`in a window ${width} px wide, the page does not scroll sideways, and Tab leads to parts that show the focus`, {
    skip,
  }, async (t) => {
    const { server, page, faults, go } = await open(t, {}, { viewport: { width, height: 800 } });
    await go("");
    await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
    assert.ok(Number(await page.evaluate(overhang)) <= 0, "first minute");
    await sendOrders(server);
    const trace = `trace/${await failedTrace(server)}`;
    for (const view of ["traces", trace, "logs", "metrics", "services", "profiles", "status"]) {
      await go(`#/${view}`);
      const ready = /traces|trace\/|logs/.test(view) ? rows(page) : page.locator("main :is(table, .empty)");
      await ready.first().waitFor();
      assert.ok(Number(await page.evaluate(overhang)) <= 0, `${view} scrolls sideways`);
      for (let press = 0; press < 15; press++) {
        await page.keyboard.press("Tab");
        assert.ok(await page.evaluate(`document.activeElement === document.body || ${showsFocus}`), view);
      }
    }
    assert.deepEqual(faults, []);
  });
}
