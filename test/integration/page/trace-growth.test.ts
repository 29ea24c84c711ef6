import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { inBrowser, rows, sendSpans } from "../../support/browser/page.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";

const { open, skip } = inBrowser();

const traceId = "5b8efff798038103d269b633813fc60d";
const begin = 1_795_428_000_000_000_000n;
const id = (span: number) => span.toString(16).padStart(16, "0");

/** A span of ten milliseconds. */
function span(own: number, parent: number, startMs: number, name: string, more: object = {}): object {
  const start = begin + BigInt(startMs) * 1_000_000n;
  return {
    traceId,
    spanId: id(own),
    parentSpanId: parent === 0 ? "" : id(parent),
    name,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + 10_000_000n),
    ...more,
  };
}

/** Names of the rows, in their order. */
function names(page: Page): Promise<string[]> {
  return page.locator(".row.item .name").allTextContents();
}

const selected = '.row[aria-selected="true"] .name';

test("spans that arrive before others leave folded what was folded, and chosen what was chosen", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const events = [{ timeUnixNano: String(begin + 51_000_000n), name: "sent" }];
  await sendSpans(server, [
    span(1, 0, 0, "root"),
    span(2, 1, 30, "cart"),
    span(3, 2, 31, "read cart"),
    span(4, 1, 50, "mail"),
    span(5, 4, 51, "write mail"),
    span(6, 1, 60, "end", { events }),
  ]);
  await go(`#/trace/${traceId}`);
  await page.getByText("mail", { exact: true }).click();
  await page.keyboard.press("ArrowLeft");
  await page.locator('.row[aria-expanded="false"]').waitFor();
  await page.keyboard.press("End");
  assert.equal(await page.locator(selected).textContent(), "sent");
  await sendSpans(server, [span(7, 1, 10, "login"), span(8, 7, 11, "read user")]);
  await page.getByText("read user", { exact: true }).waitFor();
  assert.deepEqual(await names(page), [
    "root",
    "login",
    "read user",
    "cart",
    "read cart",
    "mail",
    "end",
    "sent",
  ]);
  assert.equal(await page.locator('.row[aria-expanded="false"] .name').textContent(), "mail");
  assert.equal(await page.locator(selected).textContent(), "sent");
  assert.deepEqual(faults, []);
});

test("log records that arrive after a trace was opened are shown in line", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, [span(1, 0, 0, "root")]);
  await go(`#/trace/${traceId}`);
  await rows(page).first().waitFor();
  const record = {
    timeUnixNano: String(begin),
    traceId,
    spanId: id(1),
    body: { stringValue: "written later" },
  };
  await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
  await page.getByText("written later").waitFor();
  assert.deepEqual(faults, []);
});

test("spans that share an id are chosen one by one, each with its own detail", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const attribute = (key: string) => [{ key, value: { stringValue: "yes" } }];
  // Both sides of a call share an id, as with Zipkin's B3 propagation.
  await sendSpans(server, [
    span(1, 0, 0, "root"),
    span(2, 1, 1, "call", { kind: 3, attributes: attribute("of.the.client") }),
  ]);
  const served = span(2, 1, 2, "serve", { kind: 2, attributes: attribute("of.the.server") });
  await sendSpans(server, [served, span(3, 1, 5, "end")], "other");
  await go(`#/trace/${traceId}`);
  await rows(page).nth(3).waitFor();
  const detail = page.getByRole("complementary", { name: "Span" });
  const walked: (string | null)[] = [];
  for (const key of ["j", "j", "j", "j", "k", "k", "k"]) {
    await page.keyboard.press(key);
    walked.push(await page.locator(selected).textContent());
  }
  assert.deepEqual(walked, ["root", "call", "serve", "end", "serve", "call", "root"]);
  await page.keyboard.press("j");
  await detail.getByText("of.the.client").waitFor();
  await page.keyboard.press("j");
  await detail.getByText("of.the.server").waitFor();
  assert.equal(await detail.getByText("of.the.client").count(), 0);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByRole("complementary", { name: "Span" }).getByText("of.the.server").waitFor();
  assert.deepEqual(faults, []);
});

test("a span without others below it cannot be folded, and keeps its events", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const events = [{ timeUnixNano: String(begin), name: "sent" }];
  await sendSpans(server, [span(1, 0, 0, "root", { events })]);
  await go(`#/trace/${traceId}`);
  await rows(page).nth(1).waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  assert.equal(await page.locator(selected).textContent(), "sent");
  assert.deepEqual(faults, []);
});
