import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { inBrowser, rows, sendSpans } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

const traceId = "5b8efff798038103d269b633813fc60d";
const start = 1_795_428_000_000_000_000n;

function spanId(span: number): string {
  return (span + 1).toString(16).padStart(16, "0");
}

/** @param fromMs since the start of the trace */
function span(at: number, parent: number | undefined, name: string, fromMs = 0, forMs = 100) {
  return {
    traceId,
    spanId: spanId(at),
    ...(parent !== undefined && { parentSpanId: spanId(parent) }),
    name,
    startTimeUnixNano: String(start + BigInt(fromMs) * 1_000_000n),
    endTimeUnixNano: String(start + BigInt(fromMs + forMs) * 1_000_000n),
  };
}

/** root > (left > deep > deepest, right) */
const family = [
  span(0, undefined, "root"),
  span(1, 0, "left", 10, 40),
  span(2, 1, "deep", 20, 20),
  span(3, 2, "deepest", 25, 5),
  span(4, 0, "right", 60, 30),
];

async function hasRows(page: Page, count: number): Promise<void> {
  await page.locator(`[role="treegrid"][aria-rowcount="${count + 1}"]`).waitFor();
}

test("spans are folded and unfolded level by level, by keys and by buttons", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, family);
  await go(`#/trace/${traceId}`);
  await hasRows(page, 5);
  await page.keyboard.press("{");
  await hasRows(page, 4);
  await page.keyboard.press("{");
  await hasRows(page, 3);
  await page.getByRole("button", { name: "unfold a level" }).click();
  await hasRows(page, 4);
  await page.keyboard.press("}");
  await hasRows(page, 5);
  await page.getByRole("button", { name: "fold all", exact: true }).click();
  await hasRows(page, 3);
  await page.getByRole("button", { name: "unfold all" }).click();
  await hasRows(page, 5);
  await page.getByRole("button", { name: "fold a level", exact: true }).click();
  await hasRows(page, 4);
  assert.deepEqual(faults, []);
});

test("folding what hides the span that is chosen chooses the one that it is folded into", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, family);
  await go(`#/trace/${traceId}`);
  const selected = page.locator('.row[aria-selected="true"] .name');
  await page.getByText("deepest", { exact: true }).click();
  await page.keyboard.press("[");
  await page.locator('.row[aria-selected="true"][aria-expanded="false"]').waitFor();
  const folded = await selected.textContent();
  assert.notEqual(folded, "deepest");
  await page.keyboard.press("ArrowRight");
  await page.locator('.row[aria-selected="true"][aria-expanded="true"]').waitFor();
  await page.keyboard.press("k");
  await page.keyboard.press("j");
  assert.equal(await selected.textContent(), folded);
  assert.deepEqual(faults, []);
});

test("what is folded is in the address, and is folded again when it is opened anew", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const queries = Array.from({ length: 6 }, (_, at) => span(5 + at, 0, "SELECT", 90 + at, 1));
  await sendSpans(server, [...family, ...queries]);
  await go(`#/trace/${traceId}`);
  await hasRows(page, 6);
  await page.getByText("deep", { exact: true }).click();
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL(/fold=_0000000000000003/);
  await hasRows(page, 5);
  await page.getByRole("button", { name: "show each of the 6 spans" }).click();
  await page.waitForURL(/each=0000000000000006/);
  await hasRows(page, 10);
  const copied = page.url();
  await page.reload();
  await hasRows(page, 10);
  await page.locator('.row[aria-expanded="false"]', { hasText: "deep" }).waitFor();
  await page.getByRole("link", { name: "its logs" }).click();
  await page.waitForURL(/#\/logs/);
  await page.goBack();
  await hasRows(page, 10);
  await page.getByRole("button", { name: "unfold all" }).click();
  await page.waitForURL((url) => !/fold=/.test(url.hash));
  const other = await page.context().newPage();
  await other.goto(copied);
  await hasRows(other, 10);
  assert.deepEqual(faults, []);
});

test("the next error is seen when only a part of the time is shown", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const failed = { status: { code: 2 } };
  await sendSpans(server, [
    span(0, undefined, "root", 0, 1_000),
    { ...span(1, 0, "early", 100, 10), ...failed },
    { ...span(2, 0, "late", 800, 10), ...failed },
    { ...span(3, 0, "long", 100, 700), ...failed },
  ]);
  await go(`#/trace/${traceId}?from=100000000&to=200000000`);
  const bar = page.locator('.row[aria-selected="true"] .span-bar');
  const isSeen = async (name: string) => {
    await page.locator('.row[aria-selected="true"]', { hasText: name }).waitFor();
    const [own, chart] = [await bar.boundingBox(), await page.locator(".head .chart").boundingBox()];
    assert.ok(own && chart && own.x >= chart.x && own.x + own.width <= chart.x + chart.width, name);
  };
  await rows(page).nth(3).waitFor();
  await page.keyboard.press("e");
  await isSeen("early");
  assert.match(page.url(), /from=100000000&to=200000000/);
  await page.keyboard.press("e");
  await isSeen("long");
  await page.keyboard.press("e");
  await isSeen("late");
  await page.keyboard.press("E");
  await isSeen("long");
  assert.deepEqual(faults, []);
});

test("the critical path is marked or not by a key and a button, and the address holds which", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, family);
  await go(`#/trace/${traceId}`);
  const critical = page.locator(".span-bar.critical");
  await critical.first().waitFor();
  await page.keyboard.press("p");
  await page.waitForURL(/critical=off/);
  assert.equal(await critical.count(), 0);
  await page.getByRole("button", { name: "critical path", pressed: false }).click();
  await page.waitForURL((url) => !/critical=/.test(url.hash));
  await critical.first().waitFor();
  await go(`#/trace/${traceId}?critical=off`);
  await page.getByRole("button", { name: "critical path", pressed: false }).waitFor();
  assert.equal(await critical.count(), 0);
  assert.deepEqual(faults, []);
});

test("a bar is lighter while spans below it ran, and says how long it ran itself", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, family);
  await go(`#/trace/${traceId}`);
  await page.getByTitle("100 ms, of which 30 ms in the span itself").waitFor();
  const shape = await rows(page).first().locator("svg.of-children path").getAttribute("d");
  assert.equal(shape, "M100 0H500V1H100zM600 0H900V1H600z");
  assert.deepEqual(faults, []);
});

test("buttons lead to the next and the previous span that was found", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, family);
  await go(`#/trace/${traceId}?find=deep`);
  const selected = page.locator('.row[aria-selected="true"] .name');
  await page.getByText("– / 2").waitFor();
  await page.getByRole("button", { name: "the next that was found" }).click();
  await page.getByText("1 / 2").waitFor();
  assert.equal(await selected.textContent(), "deep");
  await page.getByRole("button", { name: "the one before that was found" }).click();
  await page.getByText("2 / 2").waitFor();
  assert.equal(await selected.textContent(), "deepest");
  assert.deepEqual(faults, []);
});

test("a search in a large trace says that the server failed, and that it found too many", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const queries = Array.from({ length: 1_100 }, (_, at) => ({
    ...span(at + 1, 0, `query ${at}`),
    attributes: [{ key: "db.system", value: { stringValue: "oracle" } }],
  }));
  await sendSpans(server, [span(0, undefined, "root"), ...queries]);
  await go(`#/trace/${traceId}?find=oracle`);
  await page.getByText("the newest 1,000 are marked").waitFor();
  await page.getByText("– / 1,000").waitFor();
  await page.route("**/SearchSpans", (request) =>
    request.fulfill({ status: 500, json: { code: "internal", message: "broken on purpose" } }),
  );
  await page.getByLabel("find").fill("query 1000");
  await page.getByRole("alert").getByText("broken on purpose").waitFor();
  await page.getByText("– / 1", { exact: true }).waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/status of 500/.test(fault)),
    [],
  );
});

test("a search in a trace of large spans says that the server's answer has not all that it found", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_BUFFER_BYTES: String(64 << 20) });
  const long = "oracle ".repeat(8_000);
  for (let from = 0; from < 400; from += 40) {
    const large = Array.from({ length: 40 }, (_, at) => ({
      ...span(from + at, from + at === 0 ? undefined : 0, `query ${from + at}`),
      attributes: [{ key: "db.query.text", value: { stringValue: long } }],
    }));
    await sendSpans(server, large);
  }
  await go(`#/trace/${traceId}?find=oracle`);
  await page.getByText(/the newest [23]\d\d are marked/).waitFor();
  await page.getByText(/Events are shown in line of [23]\d\d spans alone/).waitFor();
  // Those that the page has read itself are the oldest ones.
  await page.getByText("– / 400").waitFor();
  assert.deepEqual(faults, []);
});

test("the edges of the part of the time that is shown are moved by the pointer and by keys", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, family);
  await go(`#/trace/${traceId}`);
  const begin = page.getByRole("slider", { name: "begin of the part that is shown" });
  const end = page.getByRole("slider", { name: "end of the part that is shown" });
  await begin.focus();
  await page.keyboard.press("PageUp");
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(/from=11000000&to=100000000/);
  const map = await page.locator(".minimap").boundingBox();
  assert.ok(map);
  await end.hover();
  await page.mouse.down();
  await page.mouse.move(map.x + map.width / 2, map.y + 5, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=11000000&to=50\d{6}/);
  await begin.focus();
  await page.keyboard.press("Home");
  await end.focus();
  await page.keyboard.press("End");
  await page.waitForURL((url) => !/from=/.test(url.hash));
  assert.deepEqual(faults, []);
});

test("rows of loops in a trace of 80,000 spans are few elements, and keys draw only two of them again", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, {
    MAX_BUFFER_SIZE: "100000",
    MAX_BUFFER_BYTES: String(128 << 20),
  });
  const loops = 400;
  for (let from = 0; from < loops; from += 50) {
    const spans = Array.from({ length: 50 }, (_, at) => at + from).flatMap((loop) => [
      span(1 + loop * 200, 0, `loop ${loop}`, loop, 100),
      ...Array.from({ length: 199 }, (_, at) =>
        span(2 + loop * 200 + at, 1 + loop * 200, "SELECT", loop + at, 1),
      ),
    ]);
    await sendSpans(server, from === 0 ? [span(0, undefined, "root", 0, 1_000), ...spans] : spans);
  }
  await go(`#/trace/${traceId}`);
  await page.getByText("80,001 spans").waitFor();
  await page.getByText("×199").first().waitFor();
  assert.ok((await page.locator(".row.item *").count()) < 1_500);
  await page.evaluate(`{
    globalThis.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask" });
    globalThis.drawn = new Set();
    new MutationObserver((records) => {
      for (const { target } of records) drawn.add(target.id);
    }).observe(document.querySelector(".space"), { subtree: true, attributes: true });
  }`);
  await page.keyboard.press("Home");
  await page.keyboard.press("j");
  await page.locator('#row-1[aria-selected="true"]').waitFor();
  assert.deepEqual(await page.evaluate("[...drawn].sort()"), ["row-0", "row-1"]);
  for (let pressed = 0; pressed < 400; pressed++) await page.keyboard.press("j");
  await page.locator('#row-401[aria-selected="true"]').waitFor();
  t.diagnostic(`the longest task took ${await page.evaluate("longest")} ms (0 is less than 50)`);
  assert.deepEqual(faults, []);
});
