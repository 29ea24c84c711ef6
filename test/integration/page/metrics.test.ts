import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser } from "../../support/browser/page.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";
import type { TestServer } from "../../support/server.ts";

const { open, skip } = inBrowser();

const traceId = "5b8efff798038103d269b633813fc60d";
const spanId = "0102030405060708";

/** A minute of a counter with two routes, and of a histogram with an exemplar. */
async function sendMetrics(server: TestServer, service: string): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const attribute = (key: string, stringValue: string) => [{ key, value: { stringValue } }];
  const times = Array.from({ length: 13 }, (_, i) => ({
    startTimeUnixNano: String(now - 70_000_000_000n),
    timeUnixNano: String(now - BigInt(60 - i * 5) * 1_000_000_000n),
  }));
  const counted = ["/cart", "/checkout"].flatMap((route, of) =>
    times.map((time, i) => ({
      ...time,
      attributes: attribute("http.route", route),
      asInt: (i + 1) * (of + 1) * 10,
    })),
  );
  const exemplars = [{ timeUnixNano: times[6]?.timeUnixNano, asDouble: 0.3, traceId, spanId }];
  const measured = times.map((time, i) => ({
    ...time,
    count: (i + 1) * 20,
    sum: (i + 1) * 4,
    bucketCounts: [(i + 1) * 10, (i + 1) * 10, 0],
    explicitBounds: [0.1, 0.5],
    exemplars: i === 6 ? exemplars : [],
  }));
  const metrics = [
    {
      name: "requests",
      unit: "{request}",
      sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: counted },
    },
    { name: "duration", unit: "s", histogram: { aggregationTemporality: 2, dataPoints: measured } },
  ];
  const resource = { attributes: attribute("service.name", service) };
  await sendOtlpJson(server, "metrics", { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
}

test("metrics that are chosen are drawn, with a line for each value of an attribute", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await go("#/metrics");
  await page.getByText("No data point is held.").waitFor();
  await sendMetrics(server, "shop");
  await page.getByLabel("requests").check();
  const card = page.getByRole("article", { name: "requests" });
  await card.getByRole("button", { name: "shop http.route=/checkout" }).waitFor();
  assert.equal(await card.getByLabel("show").inputValue(), "rate");
  assert.equal(await card.getByRole("figure", { name: /^requests, rate, over time/ }).count(), 1);

  await card.getByLabel("a line for each").fill("name");
  await card.getByLabel("a line for each").press("Enter");
  await card.getByRole("row", { name: /^all 6 request\/s/ }).waitFor();
  await card.getByLabel("show").selectOption("increase");
  await card.getByRole("row", { name: /^all .* request / }).waitFor();

  // Somebody else sees the same.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("article", { name: "requests" }).getByRole("row", { name: /^all / }).waitFor();
  assert.equal(await other.getByLabel("show").inputValue(), "increase");

  await card.getByRole("button", { name: "all", exact: true }).click();
  await card.locator('button[aria-pressed="false"]').waitFor();
  await card.getByRole("button", { name: "remove the chart of requests" }).click();
  await card.waitFor({ state: "hidden" });
  assert.deepEqual(faults, []);
});

test("a line that is not drawn stays so, and lines keep their hues, when another becomes the largest", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const grow = async (sizes: readonly (readonly [route: string, size: number])[]) => {
    const dataPoints = sizes.map(([route, asDouble]) => ({
      timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
      attributes: [{ key: "http.route", value: { stringValue: route } }],
      asDouble,
    }));
    const metrics = [{ name: "queue", gauge: { dataPoints } }];
    await sendOtlpJson(server, "metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  };
  await grow([
    ["/cart", 1],
    ["/checkout", 2],
  ]);
  await go("#/metrics?name.0=queue&by.0=http.route");
  const card = page.getByRole("article", { name: "queue" });
  const line = (route: string) => card.getByRole("button", { name: `http.route=${route}`, exact: true });
  await line("/checkout").click();
  await line("/checkout").and(page.locator('[aria-pressed="false"]')).waitFor();
  const hue = await line("/cart").getAttribute("class");
  await grow([
    ["/cart", 1_000],
    ["/login", 100],
  ]);
  await line("/login").waitFor();
  await card.getByRole("row").nth(1).getByText("/cart").waitFor();
  assert.equal(await line("/checkout").getAttribute("aria-pressed"), "false");
  assert.equal(await line("/cart").getAttribute("aria-pressed"), "true");
  assert.equal(await line("/cart").getAttribute("class"), hue);
  assert.deepEqual(faults, []);
});

test("a histogram is drawn as a heat map of its buckets, which a drag looks closer at", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendMetrics(server, "shop");
  await go("#/metrics?name.0=duration");
  const card = page.getByRole("article", { name: "duration" });
  await card.getByLabel("show").selectOption("buckets");
  const map = card.getByRole("figure", { name: "duration, its distribution over time" });
  await map.getByText("0 measurements").waitFor();
  await map.getByText("10 measurements").waitFor();
  await card.getByRole("row", { name: /^100 ms to 500 ms 10 10 10/ }).waitFor();
  const area = await map.locator("canvas").boundingBox();
  assert.ok(area);
  const y = area.y + area.height / 4;
  await page.mouse.move(area.x + area.width - 3, y);
  const cell =
    /^\d\d:\d\d:\d\d: 10 measurements, 100 ms to 500 ms; p50 about 100 ms, p95 about 460 ms, p99 about/;
  await map.getByText(cell).waitFor();
  await page.mouse.move(area.x + area.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width * 0.8, y, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/since=.*until=/);
  await map.waitFor();
  assert.deepEqual(faults, []);
});

test("keys lead over the cells of a heat map, which tells the one that they are at, and a table has all of them", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendMetrics(server, "shop");
  await go("#/metrics?name.0=duration&fn.0=buckets");
  const map = page.getByRole("figure", { name: "duration, its distribution over time" });
  const cells = map.getByRole("application", { name: /^Cells/ });
  const told = map.getByRole("status");
  await cells.press("ArrowRight");
  await told.getByText(/: 10 measurements, 0 ns to 100 ms;/).waitFor();
  const newest = await told.textContent();
  await page.keyboard.press("ArrowUp");
  await told.getByText(/: 10 measurements, 100 ms to 500 ms;/).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowLeft");
  await told.getByText(/: 10 measurements/).waitFor();
  assert.notEqual(await told.textContent(), newest);
  await page.keyboard.press("End");
  assert.equal(await told.textContent(), newest);
  await page.keyboard.press("Tab");
  await told.getByText("0 measurements").waitFor();

  await map.getByText("counts by time and bucket").click();
  const counts = map.getByRole("table");
  await counts.getByRole("columnheader", { name: "100 ms to 500 ms" }).waitFor();
  await counts
    .getByRole("row", { name: /^\d\d:\d\d:\d\d 100 ms 460 ms 492 ms 10 10$/ })
    .first()
    .waitFor();
  assert.deepEqual(faults, []);
});

test("an exemplar in a chart leads to the span in which it was measured", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendMetrics(server, "shop");
  await go("#/metrics?name.0=duration&fn.0=p50");
  await page.getByRole("link", { name: "300 ms was measured in this trace" }).press("Enter");
  await page.waitForURL(new RegExp(`#/trace/${traceId}\\?span=${spanId}`));
  // It was never sent.
  assert.deepEqual(
    faults.filter((fault) => !/status of 404/.test(fault)),
    [],
  );
});

test("who drags over a chart sees that time alone, in all charts, until Escape", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendMetrics(server, "shop");
  await go("#/metrics?name.0=duration&name.1=requests&range=5+min");
  const points = (name: string) => page.getByRole("article", { name }).getByText(/data points?$/);
  await points("duration").waitFor();
  await points("requests").waitFor();
  const before = await points("requests").textContent();
  const area = await page.getByRole("article", { name: "duration" }).locator(".u-over").boundingBox();
  assert.ok(area);
  const y = area.y + area.height / 2;
  await page.mouse.move(area.x + area.width * 0.9, y);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width * 0.98, y, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/since=.*until=/);
  await page.getByRole("button", { name: "show all times" }).waitFor();
  await page.getByText(before ?? "", { exact: true }).waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await page.getByText(before ?? "", { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test("the list of metrics is found in by name and by service", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendMetrics(server, "shop");
  await go("#/metrics");
  await page.getByText("2 metrics").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("DURA");
  await page.getByText("1 of 2 metrics").waitFor();
  await page.getByLabel("find").fill("shop");
  await page.getByText("2 metrics; choose").waitFor();
  assert.deepEqual(faults, []);
});

test("the last minutes of a metric are those of the server, however far the clock of the browser is off", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendMetrics(server, "shop");
  await page.addInitScript(`
    const { now } = Date;
    Date.now = () => now() + 3 * 86_400_000;
  `);
  await go("#/metrics?name.0=requests&range=5+min");
  const card = page.getByRole("article", { name: "requests" });
  await card.getByRole("figure", { name: /^requests, rate, over time/ }).waitFor();
  await card.getByText("26 data points").waitFor();
  assert.deepEqual(faults, []);
});

test("on a phone the names of the lines of a chart can be read beside their figures", { skip }, async (t) => {
  const { server, page, go } = await open(t, {}, { viewport: { width: 390, height: 800 } });
  await sendMetrics(server, "shop");
  await go("#/metrics?name.0=requests&by.0=http.route");
  const name = page.locator(".legend bdi").first();
  await name.waitFor();
  const { width = 0 } = (await name.boundingBox()) ?? {};
  assert.ok(width >= 80, `${width} px`);
});

const longName = "http.server.request_duration.by_customer_and_region.of_all_the_payment_providers";

/** In the page: the text of an element, as it is broken into lines. */
const linesOf = `(element) => {
  const lines = [];
  let top = -Infinity;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (let at = 0; at < walker.currentNode.length; at++) {
      const range = new Range();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      const box = range.getBoundingClientRect();
      if (box.top > top + 4) lines.push("");
      top = Math.max(top, box.top);
      lines[lines.length - 1] += range.toString();
    }
  }
  return lines;
}`;

/** A gauge with a long name. */
async function sendGauge(server: TestServer): Promise<void> {
  const timeUnixNano = String(BigInt(Date.now()) * 1_000_000n);
  const metrics = [{ name: longName, gauge: { dataPoints: [{ timeUnixNano, asInt: 1 }] } }];
  await sendOtlpJson(server, "metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
}

test("on a phone a long name of a metric breaks between its words", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, {}, { viewport: { width: 390, height: 800 } });
  await sendGauge(server);
  await sendMetrics(server, "shop");
  await go(`#/metrics?name.0=${longName}&name.1=requests&by.1=service`);
  await page.getByRole("article", { name: longName }).waitFor();
  await page.getByRole("checkbox", { name: longName }).waitFor();
  const linesIn = (place: string, text: string) =>
    page.evaluate<string[]>(
      `(${linesOf})([...document.querySelectorAll("${place}")].find((one) => one.textContent.trim() === "${text}"))`,
    );
  for (const place of [".chart-card h2", ".held label .cut"]) {
    const lines = await linesIn(place, longName);
    assert.ok(lines.length > 1, place);
    for (const line of lines.slice(0, -1)) assert.match(line, /[._]$/, lines.join("|"));
  }
  const short = page.getByRole("button", { name: "shop", exact: true });
  await short.waitFor();
  assert.deepEqual(await linesIn(".legend .cut", "shop"), ["shop"]);
  assert.deepEqual(faults, []);
});

test("metrics are drawn where the system has no locale, so that Intl does not take the browser's language", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await page.addInitScript(
    'Object.defineProperty(Navigator.prototype, "language", { get: () => "en-US@posix", configurable: true })',
  );
  await sendMetrics(server, "shop");
  await go("#/metrics?name.0=requests");
  await page.locator(".metric-plot canvas").waitFor();
  assert.deepEqual(faults, []);
});
