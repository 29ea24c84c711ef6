import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";
import { sendProfiles } from "../../support/two-profiles.ts";

const { open, skip } = inBrowser();

/** How many pixels the page is wider than the window. */
const overhang = "document.documentElement.scrollWidth - innerWidth";

/** Whether the part that has the focus shows it by an outline. */
const showsFocus = "getComputedStyle(document.activeElement).outlineStyle !== 'none'";

for (const [width, height] of [
  [390, 800],
  [1_024, 800],
  // A window of 1,440 by 900 that is zoomed to 200 %.
  [720, 450],
] as const) {
  test(`in a window of ${width} by ${height} px, the page does not scroll sideways, and Tab leads to parts that show the focus`, {
    skip,
  }, async (t) => {
    const { server, page, faults, go } = await open(t, {}, { viewport: { width, height } });
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

/** Tables that cannot be scrolled to their last column, or not by keys; and views that scroll sideways as a whole. */
const cutOff = `[
  ...[...document.querySelectorAll(".wide")].filter((region) => {
    region.scrollLeft = 1e6;
    const last = region.querySelector("tr > :last-child").getBoundingClientRect();
    const isScrolled = region.scrollLeft > 0;
    region.scrollLeft = 0;
    return last.right > innerWidth + 1 || (isScrolled && region.tabIndex !== 0);
  }),
  ...[...document.querySelectorAll(".view.scroll")].filter((view) => view.scrollWidth > view.clientWidth),
].map((element) => element.className)`;

test("tables that are wider than the window are scrolled by themselves to their last column", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const name = "the.name.of.something.that.is.rather.long.and.has.no.space";
  const resource = { attributes: [{ key: "service.name", value: { stringValue: name } }] };
  await sendOrders(server);
  const times = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428000100000000" };
  const spans = [{ traceId: "a".repeat(32), spanId: "b".repeat(16), name, ...times }];
  await sendOtlpJson(server, "traces", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  const dataPoints = [{ timeUnixNano: "1795428000000000000", asDouble: 1 }];
  const metrics = [{ name, unit: "ms", description: name, gauge: { dataPoints } }];
  await sendOtlpJson(server, "metrics", { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
  await sendProfiles(server);
  for (const width of [390, 1_024]) {
    await page.setViewportSize({ width, height: 800 });
    for (const view of ["metrics", "services", "services?show=graph", "profiles", "status"]) {
      await go(`#/${view}`);
      const isCut = width === 390 && /metrics|services$|status/.test(view);
      const ready = isCut ? ".wide.sideways" : view.includes("graph") ? ".graph" : "main table tbody tr";
      await page.locator(ready).first().waitFor();
      assert.deepEqual(await page.evaluate(cutOff), [], `${view}, ${width}`);
      assert.ok(Number(await page.evaluate(overhang)) <= 0, view);
    }
    await go("#/profiles");
    await page.locator("main table a").first().click();
    await page.getByRole("figure").waitFor();
    assert.deepEqual(await page.evaluate(cutOff), [], `a profile, ${width}`);
  }
  assert.deepEqual(faults, []);
});

test("buttons of chips and folds of JSON that lie side by side are 24 px large, as fingers need", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(
    t,
    {},
    { hasTouch: true, viewport: { width: 390, height: 800 } },
  );
  const times = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428000100000000" };
  const attributes = [{ key: "cart", value: { stringValue: '{"items":[{"id":1}]}' } }];
  const traceId = "a".repeat(32);
  await sendSpans(server, [{ traceId, spanId: "b".repeat(16), name: "pay", ...times, attributes }]);
  const sizes = async (selector: string) => {
    await page.locator(selector).first().waitFor();
    const boxes = await Promise.all((await page.locator(selector).all()).map((part) => part.boundingBox()));
    return boxes.flatMap((box) => [box?.width ?? 0, box?.height ?? 0]);
  };
  await go("#/traces?service=large");
  assert.ok(Math.min(...(await sizes(".chip button"))) >= 24);
  await go(`#/trace/${traceId}`);
  await rows(page).first().tap();
  assert.ok(Math.min(...(await sizes(".json summary"))) >= 24);
  assert.deepEqual(faults, []);
});
