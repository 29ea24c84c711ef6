import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { inBrowser, rows, sendSpans } from "../../support/browser/page.ts";
import { query } from "../../support/obsvty.ts";
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
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator(selected).textContent(), "sent");
  await page.keyboard.press("ArrowLeft");
  await page.locator(selected).getByText("root").waitFor();
  assert.deepEqual(faults, []);
});

test("log records that an answer cannot hold are said to be left out, also where they are few", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, [span(1, 0, 0, "root")]);
  for (let records = 0; records < 5; records++) {
    const body = { stringValue: "x".repeat(1 << 20) };
    const logRecords = [{ timeUnixNano: String(begin), traceId, spanId: id(1), body }];
    await sendOtlpJson(server, "logs", { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  }
  await go(`#/trace/${traceId}`);
  await page.getByText(/^Only the newest [2-4] log records are shown in line\.$/).waitFor();
  assert.deepEqual(faults, []);
});

test("a span that names itself or one below it as its parent is shown at the top, and said to do so", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, [
    span(1, 0, 0, "root"),
    span(2, 2, 10, "own parent"),
    span(3, 4, 20, "in a circle"),
    span(4, 3, 21, "below it"),
  ]);
  await go(`#/trace/${traceId}`);
  await page.getByText("2 spans marked ⚠: the parent is the span itself, or below it").waitFor();
  assert.equal(await page.getByText("is not held").count(), 0);
  await page.getByText("own parent", { exact: true }).click();
  await page.getByText("which is the span itself, or below it").waitFor();
  assert.deepEqual(faults, []);
});

test("a trace that is open goes on after the server was started anew", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, [span(1, 0, 0, "root")]);
  await go(`#/trace/${traceId}`);
  await rows(page).first().waitFor();
  // Another run of the server refuses the cursors of this one.
  const old = new Map<string, string>();
  await page.route("**/Search*", async (request) => {
    const { after } = request.request().postDataJSON();
    const url = request.request().url();
    if (after === undefined || (old.get(url) ?? after) !== after) return request.continue();
    old.set(url, after);
    const message = "after: the cursor is from an earlier run of the server";
    return request.fulfill({ status: 400, json: { code: "invalid_argument", message } });
  });
  await sendSpans(server, [span(2, 1, 5, "after it")]);
  await page.getByText("after it", { exact: true }).waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/status of 400/.test(fault)),
    [],
  );
});

test("a span that went to make room since the trace was read is said to be gone", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const many = Array.from({ length: 600 }, (_, at) => span(at + 1, at === 0 ? 0 : 1, at, `step ${at}`));
  await sendSpans(server, many);
  await go(`#/trace/${traceId}`);
  await page.getByText("600 spans").waitFor();
  await query(server, "Clear");
  await page.keyboard.press("Home");
  const detail = page.getByRole("complementary", { name: "Span" });
  await detail.getByText("This span is not held any more.").waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/status of 404/.test(fault)),
    [],
  );
});

test("a span that the server could not answer is read again", { skip }, async (t) => {
  const { server, page, go } = await open(t);
  const many = Array.from({ length: 600 }, (_, at) => span(at + 1, at === 0 ? 0 : 1, at, `step ${at}`));
  await sendSpans(server, many);
  await go(`#/trace/${traceId}`);
  await page.getByText("600 spans").waitFor();
  let refused = 0;
  await page.route("**/GetTrace", (route) => {
    refused += 1;
    const json = { code: "resource_exhausted", message: "too many calls" };
    return refused > 2 ? route.continue() : route.fulfill({ status: 429, json });
  });
  await page.keyboard.press("Home");
  await page.getByRole("complementary", { name: "Span" }).getByText("10,000,000 ns").waitFor();
  assert.equal(refused, 3);
});

test("rows that are scrolled away from the chosen one stay there when spans arrive", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const steps = Array.from({ length: 100 }, (_, at) =>
    span(at + 1, at === 0 ? 0 : 1, 2 * at + 10, `step ${at + 1}`),
  );
  await sendSpans(server, steps);
  await go(`#/trace/${traceId}`);
  await page.getByText("step 3", { exact: true }).click();
  await page.evaluate("document.querySelector('.rows').scrollTop = 1e6");
  await page.getByText("step 100", { exact: true }).waitFor();
  await sendSpans(server, [span(200, 1, 11, "early")]);
  await page.getByText("101 spans").waitFor();
  assert.ok((await page.evaluate<number>("document.querySelector('.rows').scrollTop")) > 1_000);
  await page.keyboard.press("j");
  await page.locator(selected).getByText("step 4", { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test("a search that the server made is made again when spans arrive", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const many = Array.from({ length: 600 }, (_, at) => span(at + 1, at === 0 ? 0 : 1, at, `step ${at}`));
  await sendSpans(server, many);
  const searched = page.waitForResponse((response) => /declined/.test(response.request().postData() ?? ""));
  await go(`#/trace/${traceId}?find=declined`);
  await searched;
  await page.getByRole("status").getByText("none").waitFor();
  const attributes = [{ key: "reason", value: { stringValue: "card declined" } }];
  await sendSpans(server, [span(700, 1, 5, "late", { attributes })]);
  await page.getByRole("status").getByText("– / 1", { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test("an open trace whose spans are cleared says so, keeps them, and shows what is held when it is asked", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, [span(1, 0, 0, "root"), span(2, 1, 5, "child")]);
  await go(`#/trace/${traceId}`);
  await rows(page).nth(1).waitFor();
  // What is held is looked at for the first time.
  await page.waitForResponse((response) => response.url().endsWith("/SummarizeSpans"));
  await query(server, "Clear");
  await page
    .getByText(/^All 2 spans shown here were cleared while the trace was open\..*find nothing\.$/)
    .waitFor();
  assert.deepEqual(await names(page), ["root", "child"]);
  await sendSpans(server, [span(3, 1, 10, "late")]);
  await page.getByText("1 span came since and is not shown.").waitFor();
  assert.deepEqual(await names(page), ["root", "child"]);
  await page.getByRole("button", { name: "show what is held" }).click();
  await page.getByRole("heading", { name: "late" }).waitFor();
  assert.deepEqual(await names(page), ["late"]);
  assert.equal(await page.getByText("while the trace was open").count(), 0);
  assert.deepEqual(
    faults.filter((fault) => !/status of 404/.test(fault)),
    [],
  );
});

test("an open trace of which spans are evicted says how many are not held any more", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_BUFFER_SIZE: "100" });
  await sendSpans(server, [span(1, 0, 0, "root")]);
  await sendSpans(server, [span(2, 1, 5, "child")]);
  await go(`#/trace/${traceId}`);
  await rows(page).nth(1).waitFor();
  const others = Array.from({ length: 99 }, (_, at) => ({
    ...span(at + 1, 0, 0, "other"),
    traceId: "0af7651916cd43dd8448eb211c80319c",
  }));
  await sendSpans(server, others);
  await page
    .getByText(
      /^1 of the 2 spans shown here was (?:evicted|evicted or cleared) .* only the 1 span that the server holds\.$/,
    )
    .waitFor();
  assert.deepEqual(await names(page), ["root", "child"]);
  assert.deepEqual(faults, []);
});

test("an open trace makes one call in a round while nothing arrives", { skip }, async (t) => {
  const { server, page, go } = await open(t);
  await sendSpans(server, [span(1, 0, 0, "root")]);
  await go(`#/trace/${traceId}`);
  await page.waitForResponse((response) => response.url().endsWith("/SummarizeSpans"));
  const methods: string[] = [];
  page.on("request", (request) => methods.push(new URL(request.url()).pathname.replace(/^.*\//, "")));
  for (let rounds = 0; rounds < 3; rounds++) {
    await page.waitForResponse((response) => response.url().endsWith("/GetStats"));
  }
  assert.deepEqual([...new Set(methods)], ["GetStats"]);
});
