import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { inBrowser, rows } from "../../support/browser/page.ts";
import {
  hostileLogs,
  hostileMetrics,
  hostileProfiles,
  hostileSpans,
  hostileTimes,
  manyMetrics,
  manySeries,
  manyServices,
} from "../../support/hostile-telemetry.ts";
import { query } from "../../support/obsvty.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";

const { open, skip } = inBrowser();

const roomy = {
  MAX_BUFFER_SIZE: "100000",
  MAX_BUFFER_BYTES: String(128 << 20),
  MAX_RECEIVE_MESSAGE_LENGTH: String(32 << 20),
};

/** In the page from its start: the longest task so far. */
const watchTasks = `
  globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ type: "longtask" });
`;

/** In the page: what telemetry must not do to it. */
const harm = `(() => {
  const hidden = /[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]|\\p{Surrogate}|\\p{Mark}{20}/u;
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    if (hidden.test(texts.currentNode.data)) found.add("hidden in <" + texts.currentNode.parentElement.tagName + ">");
  }
  for (const element of document.body.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (/^(?:title|aria-label)$/.test(name) && hidden.test(value)) found.add("hidden in " + name);
      if (/^on/.test(name) || (/^(?:href|src|action)$/.test(name) && /^\\s*javascript:/i.test(value))) found.add(name + "=" + value.slice(0, 100));
    }
  }
  for (const { tagName } of document.querySelectorAll("img, iframe, #hit, body script")) found.add("<" + tagName + ">");
  if (globalThis.hit !== undefined) found.add("a script has run");
  const wide = [document.documentElement, ...document.querySelectorAll("main, .view")];
  for (const { tagName, className, scrollWidth, clientWidth } of wide) {
    if (scrollWidth > clientWidth) found.add(tagName + "." + className + " is " + scrollWidth + " px wide");
  }
  return [...found];
})()`;

async function assertUnharmed(page: Page, view: string): Promise<void> {
  assert.deepEqual(await page.evaluate(harm), [], view);
}

/** Any list, table, or word that there is none. */
function content(page: Page): Locator {
  return page.locator("main :is(.row.item, table, .empty:not(:empty))").first();
}

async function metricNames(url: string): Promise<readonly string[]> {
  const { metrics } = await query({ url }, "ListMetrics", { limit: 1_000 });
  return [...new Set<string>(metrics.map(({ name = "" }) => name))];
}

test("telemetry whose texts, numbers and times are made to break the page leaves every view usable", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, roomy);
  await page.addInitScript(watchTasks);
  await sendOtlpJson(server, "traces", hostileSpans());
  await sendOtlpJson(server, "traces", hostileTimes());
  await sendOtlpJson(server, "logs", hostileLogs());
  await sendOtlpJson(server, "metrics", hostileMetrics(BigInt(Date.now()) * 1_000_000n));
  await sendOtlpJson(server, "profiles", hostileProfiles(5_000));
  const { profiles } = await query(server, "SearchProfiles", { limit: 1 });
  const views = ["traces", "metrics", "services", "services?show=graph", "profiles", "status"];
  for (const view of [...views, `profiles/${profiles[0].cursor}`, `trace/${"1".padStart(32, "0")}`]) {
    await go(`#/${view}`);
    await content(page).waitFor();
    await assertUnharmed(page, view);
    t.diagnostic(`${view}: the longest task took ${await page.evaluate("longest")} ms (0 is less than 50)`);
    await page.goto("about:blank");
  }

  await go("#/logs");
  await rows(page).first().waitFor();
  const count = Number(await page.getByRole("grid").getAttribute("aria-rowcount")) - 1;
  const detail = page.getByRole("complementary", { name: "Log record" });
  for (let row = 0; row < count; row++) {
    await page.keyboard.press("j");
    await page.locator(`#row-${row}[aria-selected="true"]`).waitFor();
    await detail.waitFor();
    await assertUnharmed(page, `log record ${row}`);
  }
  t.diagnostic(`logs: the longest task took ${await page.evaluate("longest")} ms (0 is less than 50)`);

  for (const name of await metricNames(server.url)) {
    // The API cuts names of over 1 KiB, by which no metric is found.
    if (name.length > 1_000) continue;
    await go(`#/metrics?name.0=${encodeURIComponent(name)}`);
    const card = page.getByRole("article").first();
    await card.locator(":is(.legend, .empty)").waitFor();
    const shown = card.getByLabel("show");
    if ((await shown.locator('option[value="buckets"]').count()) > 0) {
      await shown.selectOption("buckets");
      await card.locator(":is(.heat-map, .empty)").waitFor();
    }
    await assertUnharmed(page, `chart of ${JSON.stringify(name)}`);
  }
  assert.deepEqual(faults, []);
});

test("10,000 services, 10,000 metrics and 5,000 series are shown, and what is left out is told", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, roomy);
  await page.addInitScript(watchTasks);
  const now = BigInt(Date.now()) * 1_000_000n;
  await sendOtlpJson(server, "traces", manyServices(10_000));
  await sendOtlpJson(server, "metrics", manyMetrics(10_000, now));
  await sendOtlpJson(server, "metrics", manySeries(5_000, now));
  for (const [view, told] of [
    ["services", "9,500 smaller operations are not shown"],
    ["services?show=graph", "1,000 services or more, 300 pairs of caller and callee; 4,700 pairs"],
    ["status", "There are more than 100: these are the first by name."],
    ["metrics", "10,001 metrics; 9,001 are not listed"],
    ["metrics?name.0=odd.series", "4,900 smaller lines left out"],
  ] as const) {
    await go(`#/${view}`);
    await page.getByText(told).waitFor();
    await assertUnharmed(page, view);
    t.diagnostic(`${view}: the longest task took ${await page.evaluate("longest")} ms (0 is less than 50)`);
    await page.goto("about:blank");
  }
  await go("#/metrics?find=SERIES");
  await page.getByText("1 of 10,001 metrics").waitFor();
  await page.getByRole("checkbox", { name: "odd.series" }).waitFor();
  assert.deepEqual(faults, []);
});
