import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";

const { open, skip } = inBrowser();

const traceId = "5b8efff798038103d269b633813fc60d";
const begin = 1_795_428_000_000_000_000n;
const spanId = "00000000000000aa";
const span = {
  traceId,
  spanId,
  name: "root",
  startTimeUnixNano: String(begin),
  endTimeUnixNano: String(begin + 10_000_000n),
};
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

test("a log record in line of a trace opens with its own time and attributes, and its address leads to it", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const attributes = [attribute("of.the.span", "yes")];
  const events = [
    { timeUnixNano: String(begin + 1n), name: "sent", attributes: [attribute("of.the.event", "yes")] },
  ];
  await sendSpans(server, [{ ...span, attributes, events }]);
  const logRecords = Array.from({ length: 100 }, (_, at) => ({
    timeUnixNano: String(begin + BigInt(at) * 1_000n + 2n),
    traceId,
    spanId,
    severityNumber: 13,
    body: { stringValue: `record ${at}` },
    attributes: [attribute("order.id", `o${at}`)],
  }));
  await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  await go(`#/trace/${traceId}`);
  await page.getByText("WARN record 3", { exact: true }).click();
  const detail = page.getByRole("complementary", { name: "Log record" });
  await detail.getByText("order.id").waitFor();
  await detail.getByText("o3", { exact: true }).waitFor();
  // India is 5:30 ahead of UTC.
  await detail.getByText("2026-11-23 15:30:00.000003002", { exact: true }).waitFor();
  await detail.getByRole("button", { name: "copy order.id" }).waitFor();
  const excluded = detail.getByRole("link", { name: "logs without this order.id" });
  assert.match((await excluded.getAttribute("href")) ?? "", /^#\/logs\?not\.attr\.order\.id=o3$/);
  assert.equal(await page.getByRole("complementary").count(), 1);

  await page.keyboard.press("End");
  await detail.getByText("o99", { exact: true }).waitFor();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("complementary", { name: "Log record" }).getByText("o99", { exact: true }).waitFor();
  await other.locator('.row[aria-selected="true"]').getByText("WARN record 99").waitFor();
  await other.close();

  await detail.getByRole("button", { name: "root" }).click();
  await page.getByRole("complementary", { name: "Span" }).getByText("of.the.span").waitFor();
  await page.getByRole("complementary").getByRole("button", { name: "1 attribute" }).nth(7).click();
  await detail.getByText("o7", { exact: true }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("j");
  await page.getByRole("complementary", { name: "Event" }).getByText("of.the.event").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "hidden" });
  assert.equal(new URL(page.url()).hash, `#/trace/${traceId}`);
  assert.deepEqual(faults, []);
});

test("the id of a trace stands in its header, and is copied", { skip }, async (t) => {
  const permissions = ["clipboard-write", "clipboard-read"];
  const { server, page, go } = await open(t, {}, { permissions });
  await sendSpans(server, [span]);
  await go(`#/trace/${traceId}`);
  for (const width of [1_440, 1_024, 390]) {
    await page.setViewportSize({ width, height: 800 });
    const box = await page.getByText(traceId, { exact: true }).boundingBox();
    assert.ok(box !== null && box.x >= 0 && box.x + box.width <= width, `at ${width}`);
  }
  await page.getByRole("button", { name: "copy the trace id" }).click();
  await page.getByText("copied").waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), traceId);
});

test("Escape leads from a trace back to the view that led to it, with its filters, and from a link to the traces", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  const hash = () => new URL(page.url()).hash;
  await go("#/logs?severity=ERROR&tz=utc");
  await rows(page).first().click();
  await page.getByRole("complementary").waitFor();
  const left = hash();
  await page.keyboard.press("Enter");
  await page.getByRole("treegrid").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.getByRole("grid", { name: /Log records/ }).waitFor();
  const params = (of: string) => Object.fromEntries(new URLSearchParams(of.split("?")[1]));
  assert.deepEqual(params(hash()), params(left));

  await page.getByRole("link", { name: "the trace of this log record" }).first().click();
  await page.getByRole("treegrid").waitFor();
  await page.getByRole("link", { name: "‹ logs" }).click();
  await page.getByRole("grid", { name: /Log records/ }).waitFor();
  assert.deepEqual(params(hash()), params(left));

  const other = await page.context().newPage();
  await other.goto(`${server.url}/#/trace/${await failedTrace(server)}`);
  await other.getByRole("treegrid").waitFor();
  await other.keyboard.press("Escape");
  await other.getByRole("grid", { name: /Traces/ }).waitFor();
  assert.deepEqual(faults, []);
});
