import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

/** In the page: a property of each element that there is. */
const styles = (selector: string, property: string) =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => getComputedStyle(element)[${JSON.stringify(property)}])`;

test("with forced colours, what colours tell can still be told apart", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, {}, { forcedColors: "active" });
  const read = async (selector: string, property: string) =>
    (await page.evaluate(styles(selector, property))) as readonly string[];
  const [ground] = await read("html", "backgroundColor");
  await sendOrders(server);
  const traceId = await failedTrace(server);
  const time = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428001000000000" };
  await sendSpans(
    server,
    [{ ...time, traceId: "1".repeat(32), spanId: "1".repeat(16), name: "GET" }],
    "cart",
  );
  await go("#/traces");
  await rows(page).nth(3).waitFor();
  await page.keyboard.press("j");
  await page.locator('.row[aria-selected="true"]').waitFor();
  assert.deepEqual(new Set(await read('.row[aria-selected="true"]', "outlineStyle")), new Set(["solid"]));
  assert.deepEqual(new Set(await read('.row[aria-selected="false"]', "outlineStyle")), new Set(["none"]));
  assert.equal(new Set(await read(".item .service i", "backgroundColor")).size, 2, "services");
  assert.deepEqual(await read("nav a[aria-current]", "outlineStyle"), ["solid"]);

  await go(`#/trace/${traceId}`);
  await page.locator(".span-bar").first().waitFor();
  for (const colour of await read(".span-bar, .dot", "backgroundColor"))
    assert.notEqual(colour, ground, "bars");

  await go("#/logs");
  await page.locator(".bar-of.error").waitFor();
  assert.notDeepEqual(await read(".bar-of.error", "fill"), await read(".bar-of.info", "fill"));
  await page.getByRole("button", { name: "✗ error 1" }).click();
  await page.locator('.severity[aria-pressed="true"]').waitFor();
  const [pressed] = await read('.severity[aria-pressed="true"]', "backgroundColor");
  const [other] = await read('.severity[aria-pressed="false"]', "backgroundColor");
  assert.notEqual(pressed, other, "buttons");

  await go("#/metrics?name.0=shop.orders");
  await page.locator(".legend .service i").nth(1).waitFor();
  assert.equal(new Set(await read(".legend .service i", "backgroundColor")).size, 2, "lines");
  await go("#/metrics?name.0=shop.order.amount&fn.0=buckets");
  await page.locator(".scale i").first().waitFor();
  for (const colour of await read(".scale i", "backgroundColor")) assert.notEqual(colour, ground, "scale");
  assert.deepEqual(faults, []);
});

test("who wants reduced motion sees none", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, {}, { reducedMotion: "reduce" });
  await sendOrders(server);
  for (const view of ["traces", "logs", "metrics", "services", "profiles", "status"]) {
    await go(`#/${view}`);
    await page.locator("main :is(.row.item, table, .empty:not(:empty))").first().waitFor();
    await page.keyboard.press("j");
    assert.equal(await page.evaluate("document.getAnimations().length"), 0, view);
    for (const duration of (await page.evaluate(styles("*", "transitionDuration"))) as readonly string[]) {
      assert.equal(duration, "0s", view);
    }
  }
  assert.deepEqual(faults, []);
});
