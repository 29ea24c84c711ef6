import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";
import { query } from "../../support/obsvty.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";

const { open, skip } = inBrowser();

/** Log records `record 0`, `record 1` and so on, a nanosecond after each other. */
async function sendRecords(server: Parameters<typeof sendOtlpJson>[0], count: number): Promise<void> {
  const logRecords = Array.from({ length: count }, (_, at) => ({
    timeUnixNano: String(1_795_428_000_000_000_000n + BigInt(at)),
    body: { stringValue: `record ${at}` },
  }));
  await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
}

test("logs are listed live, filtered by severity, and lead to their trace and back", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await go("#/logs");
  await page.getByText("No log record is held").waitFor();
  await sendOrders(server);
  await rows(page).nth(2).waitFor();
  await page.getByRole("combobox", { name: "add a filter" }).fill("severity: error");
  await page.keyboard.press("Enter");
  await page.getByText("1 log record that matches").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  const detail = page.getByRole("complementary", { name: "Log record" });
  await detail.getByText("cart.id").waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`#/trace/${await failedTrace(server)}\\?span=`));
  await page.goBack();
  await detail.getByRole("link", { name: await failedTrace(server) }).click();
  await page.getByRole("treegrid").waitFor();
  await page.getByRole("link", { name: "its logs" }).click();
  await page.getByText("1 log record that matches").waitFor();
  await page.goBack();
  await page.getByRole("treegrid").waitFor();
  assert.deepEqual(faults, []);
});

test("the histogram of log records chooses a severity and a time", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const second = 1_000_000_000n;
  const start = 1_795_428_000n * second;
  const record = (at: bigint, severityNumber: number, text: string) => ({
    timeUnixNano: String(start + at * second),
    severityNumber,
    body: { stringValue: text },
  });
  const logRecords = [record(0n, 9, "began"), record(20n, 13, "is slow"), record(40n, 17, "failed")];
  await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  await go("#/logs");
  await page.getByRole("figure", { name: /^3 log records from / }).waitFor();
  await page.getByRole("button", { name: "warn 1" }).click();
  await page.getByText("2 log records that match").waitFor();
  await page.getByRole("button", { name: "✗ error 1" }).click();
  await page.getByText("1 log record that matches").waitFor();
  await page.getByRole("button", { name: "✗ error 1" }).click();
  await rows(page).nth(2).waitFor();

  const bars = await page
    .getByRole("figure", { name: /^3 log records/ })
    .locator("svg")
    .boundingBox();
  assert.ok(bars);
  await page.mouse.move(bars.x + bars.width * 0.3, bars.y + 10);
  await page.mouse.down();
  await page.mouse.move(bars.x + bars.width * 0.7, bars.y + 10, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/since=.*until=/);
  await page.getByText("1 log record that matches").waitFor();
  await page.getByText("is slow").waitFor();
  assert.deepEqual(faults, []);
});

test("the find of the lists goes from one row that it found to the next, and the address keeps it", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const record = (text: string) => ({ timeUnixNano: "1795428000000000000", body: { stringValue: text } });
  const logRecords = ["card one", "cart", "Card two", "other"].map(record);
  await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  await go("#/logs");
  await rows(page).nth(3).waitFor();
  const find = page.getByLabel("find");
  await find.fill("card");
  await page.getByText("– / 2 of 4 loaded").waitFor();
  await find.press("Enter");
  await page.getByText("1 / 2 of 4 loaded").waitFor();
  const chosen = page.locator('.row[aria-selected="true"]');
  await chosen.getByText("Card two").waitFor();
  await page.getByRole("button", { name: "the next that was found" }).click();
  await chosen.getByText("card one").waitFor();
  await page.locator("body").press("n");
  await chosen.getByText("Card two").waitFor();
  assert.equal(await page.locator(".row.hit").count(), 2);
  await page.reload();
  await page.getByText("1 / 2 of 4 loaded").waitFor();

  await sendOrders(server);
  await go("#/traces?find=declined");
  await page.getByText(/^– \/ 1 of \d+ loaded$/).waitFor();
  await page.getByRole("button", { name: "the one before that was found" }).click();
  await page.locator('.row.hit[aria-selected="true"]').waitFor();
  assert.deepEqual(faults, []);
});

test("the log record that is chosen is in the address, also one that is not in the list", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/logs?severity=error");
  await rows(page).first().waitFor();
  await page.keyboard.press("j");
  const detail = page.getByRole("complementary", { name: "Log record" });
  await detail.getByText("cart.id").waitFor();
  await page.waitForURL(/record=/);
  const copied = page.url();
  await page.reload();
  await detail.getByText("cart.id").waitFor();
  await page.locator('.row[aria-selected="true"]').waitFor();
  await detail.getByRole("link", { name: await failedTrace(server) }).click();
  await page.getByRole("treegrid").waitFor();
  await page.goBack();
  await detail.getByText("cart.id").waitFor();
  // The list of whoever opens the link may be filtered otherwise, or have newer records alone.
  const other = await page.context().newPage();
  await other.goto(copied.replace("severity=error", "body=nothing+has+this&text=nothing+has+this"));
  const otherDetail = other.getByRole("complementary", { name: "Log record" });
  await otherDetail.getByText("cart.id").waitFor();
  await other.keyboard.press("Escape");
  await otherDetail.waitFor({ state: "hidden" });
  assert.doesNotMatch(other.url(), /record=/);
  await other.goto(`${server.url}/#/logs?record=of+another+run`);
  await other.getByText("The log record of the address is not held").waitFor();
  assert.deepEqual(faults, []);
});

test("a log record of the address is scrolled to, and stays where it is when others come", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendRecords(server, 300);
  await go("#/logs");
  await rows(page).first().waitFor();
  await page.getByLabel("find").fill("record 20");
  await page.keyboard.press("Enter");
  await page.getByText(/^1 \/ 11 of 300 loaded$/).waitFor();
  await page.keyboard.press("Escape");
  const chosen = page.locator('.row[aria-selected="true"]');
  const text = await chosen.locator(".name").textContent();
  await page.reload();
  await chosen.getByText(String(text)).waitFor();
  const box = await chosen.boundingBox();
  assert.ok(box && box.y > 0 && box.y < 720, JSON.stringify(box));
  assert.deepEqual(faults, []);
});

test("views whose items are all gone say how many were evicted", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_BUFFER_SIZE: "3" });
  const time = "1795428000000000000";
  const logRecords = Array.from({ length: 4 }, () => ({ timeUnixNano: time, body: { stringValue: "one" } }));
  await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  const dataPoints = logRecords.map(() => ({ timeUnixNano: time, asInt: "1" }));
  const metrics = [{ name: "requests", gauge: { dataPoints } }];
  await sendOtlpJson(server, "metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  await sendSpans(server, [{ traceId: "1".repeat(32), spanId: "1".repeat(16), name: "one" }]);
  await query(server, "Clear");
  for (const [view, told] of [
    ["logs", "No log record is held any more: all of 4 were evicted or cleared."],
    ["metrics", "No data point is held any more: all of 4 were evicted or cleared."],
    ["services", "No span is held any more: all of 1 were evicted or cleared."],
    ["services?show=graph", "No span is held any more: all of 1 were evicted or cleared."],
    ["logs?service=shop", "New ones appear here as they come. 1 log record went to make room"],
    ["profiles", "No profile is held. They appear"],
  ] as const) {
    await go(`#/${view}`);
    await page.getByText(told).waitFor();
  }
  assert.deepEqual(faults, []);
});

test("a log record of 1970 is outside of the histogram, and a button lists it alone", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendRecords(server, 20);
  const logRecords = [{ timeUnixNano: "1000000", body: { stringValue: "of 1970" }, severityNumber: 9 }];
  await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  await go("#/logs?tz=utc");
  await page.getByRole("figure", { name: /^20 log records from / }).waitFor();
  await page.getByRole("button", { name: "info 1" }).waitFor();
  await page.getByRole("button", { name: "1 earlier" }).click();
  await page.getByText("1 log record that matches").waitFor();
  await rows(page).first().getByText("of 1970").waitFor();
  assert.deepEqual(faults, []);
});

test("a list has no more rows than the server holds items, unless it is paused", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_BUFFER_SIZE: "3" });
  await sendRecords(server, 3);
  await go("#/logs");
  await page.getByText("3 log records, of 3 held; 0 evicted").waitFor();
  await sendRecords(server, 2);
  await page.getByText("3 log records, of 3 held; 2 evicted").waitFor();
  assert.equal(await rows(page).count(), 3);
  await page.getByRole("button", { name: "pause" }).click();
  await sendRecords(server, 1);
  await page.getByRole("button", { name: "1 new" }).waitFor();
  await page.getByRole("button", { name: "resume" }).click();
  await page.getByText("3 log records, of 3 held; 3 evicted").waitFor();
  assert.deepEqual(faults, []);
});

test("the log record that is chosen stays in sight when the histogram comes above it", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendRecords(server, 300);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route("**/CountOverTime", async (route) => {
    await released;
    await route.continue();
  });
  await go("#/logs");
  await rows(page).first().waitFor();
  const list = page.getByRole("grid");
  const before = (await list.boundingBox())!;
  // The last row that is whole in sight.
  const last = Math.floor(before.height / 24) - 2;
  for (let row = 0; row <= last; row++) await page.keyboard.press("j");
  await page.locator(`#row-${last}[aria-selected="true"]`).waitFor();
  release();
  await page.getByRole("figure").waitFor();
  const after = (await list.boundingBox())!;
  assert.ok(after.height < before.height);
  await page.waitForFunction(
    `document.querySelector('.row[aria-selected="true"]').getBoundingClientRect().bottom <= innerHeight`,
  );
  assert.deepEqual(faults, []);
});

test("a list that left records out because the answer had no room for them says so", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_RECEIVE_MESSAGE_LENGTH: String(16 << 20) });
  const send = (...texts: readonly string[]) =>
    sendOtlpJson(server, "logs", {
      resourceLogs: [{ scopeLogs: [{ logRecords: texts.map((text) => ({ body: { stringValue: text } })) }] }],
    });
  await send("small");
  await go("#/logs");
  await rows(page).first().waitFor();
  await send("x".repeat(2 << 20));
  await rows(page).nth(1).waitFor();
  assert.equal(await page.getByText("leaves some out").count(), 0);
  await send(...Array.from({ length: 6 }, (_, at) => `${at} ${"x".repeat(1 << 20)}`));
  await page.getByText("it keeps up with the newest, and leaves some out").waitFor();
  assert.ok((await rows(page).count()) < 8);
  assert.deepEqual(faults, []);
});
