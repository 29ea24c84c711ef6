import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

test("keys alone lead to the error of a trace, to what is found in it, and back", { skip }, async (t) => {
  const permissions = ["clipboard-write", "clipboard-read"];
  const { server, page, faults, go } = await open(t, {}, { permissions });
  await sendOrders(server);
  await go("#/traces?status=error");
  await rows(page).first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("treegrid").waitFor();
  assert.equal(new URL(page.url()).hash, `#/trace/${await failedTrace(server)}`);

  const selected = page.locator('.row[aria-selected="true"] .name');
  await page.keyboard.press("e");
  await page.keyboard.press("e");
  assert.equal(await selected.textContent(), "charge card");
  await page.keyboard.press("c");
  await page.getByRole("status").getByText("copied", { exact: true }).waitFor();
  const spanId = new URL(page.url()).hash.replace(/^.*span=/, "");
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), spanId);
  await page.getByRole("complementary", { name: "Span" }).getByText("payment.currency").waitFor();
  await page.keyboard.press("Home");
  assert.equal(await selected.textContent(), "POST /checkout");
  const all = await rows(page).count();
  await page.keyboard.press("ArrowLeft");
  await page.locator('.row[aria-expanded="false"]').waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.keyboard.press("ArrowRight");
  await page.locator('.row[aria-expanded="true"]').waitFor();
  assert.equal(await rows(page).count(), all);

  await page.keyboard.press("/");
  await page.keyboard.type("eur");
  await page.keyboard.press("Enter");
  await page.getByText("1 / 1").waitFor();
  assert.equal(await selected.textContent(), "charge card");
  await page.keyboard.press("Escape");

  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });

  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await page.getByRole("grid", { name: /Traces/ }).waitFor();
  // The list is filtered as before, and the row of the trace is chosen.
  assert.match(new URL(page.url()).hash, /^#\/traces\?status=error&row=[0-9a-f]{32}$/);
  assert.deepEqual(faults, []);
});

test("a trace has its events and logs in line, and grows as spans come", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  const traceId = await failedTrace(server);
  await go(`#/trace/${traceId}`);
  await page.getByText("ERROR order c3 failed: card declined").waitFor();
  await page.getByText("exception: card declined").waitFor();
  const [start, end] = ["1795428000123456789", "1795428000123456999"];
  const late = { traceId, spanId: "00000000000000aa", parentSpanId: "00000000000000bb", name: "late" };
  await sendSpans(server, [{ ...late, startTimeUnixNano: start, endTimeUnixNano: end }]);
  await page.getByText("late", { exact: true }).first().waitFor();
  await page.getByText("1 span marked ⚠").waitFor();
  await page.getByText("late", { exact: true }).first().click();
  // India is 5:30 ahead of UTC.
  await page.getByText("2026-11-23 15:30:00.123456789", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "local time" }).click();
  await page.getByText("2026-11-23 10:00:00.123456789 UTC").first().waitFor();
  await page.getByText("210 ns", { exact: true }).first().waitFor();
  assert.deepEqual(faults, []);
});

test("a trace of 80,000 spans opens and scrolls with few rows in the document", { skip }, async (t) => {
  const settings = { MAX_BUFFER_SIZE: "100000", MAX_BUFFER_BYTES: String(128 << 20) };
  const { server, page, faults, go } = await open(t, settings);
  const traceId = "5b8efff798038103d269b633813fc60d";
  const hex = (n: number) => (n + 1).toString(16).padStart(16, "0");
  const start = 1_795_428_000_000_000_000n;
  for (let from = 0; from < 80_000; from += 10_000) {
    const spans = Array.from({ length: 10_000 }, (_, i) => ({
      traceId,
      spanId: hex(from + i),
      parentSpanId: from + i === 0 ? "" : hex(Math.floor((from + i - 1) / 8)),
      name: `step ${from + i}`,
      startTimeUnixNano: String(start + BigInt(from + i) * 1_000n),
      endTimeUnixNano: String(start + BigInt(from + i) * 1_000n + 5_000_000n),
    }));
    await sendSpans(server, spans);
  }
  const began = performance.now();
  await go(`#/trace/${traceId}`);
  await page.getByText("80,000 spans").waitFor();
  t.diagnostic(`opened in ${Math.round(performance.now() - began)} ms`);
  await page.keyboard.press("End");
  await page.locator('.row[aria-selected="true"]').waitFor();
  assert.ok((await rows(page).count()) < 100);
  assert.equal(await page.getByRole("treegrid").getAttribute("aria-rowcount"), "80001");
  assert.deepEqual(faults, []);
});

test("a browser that does not let the page copy is told of, and a status that was not set is unset", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const time = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428001000000000" };
  const traceId = "5b8efff798038103d269b633813fc60d";
  await sendSpans(server, [{ ...time, traceId, spanId: "0000000000000001", name: "plain" }]);
  await page.addInitScript("navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))");
  await go(`#/trace/${traceId}`);
  await rows(page).first().click();
  await page.keyboard.press("c");
  await page.getByRole("status").getByText("not allowed").waitFor();
  await page.getByRole("complementary", { name: "Span" }).getByText("unset").waitFor();
  assert.deepEqual(faults, []);
});

test("where the address is not of a secure context, a copy button copies and keeps the focus, or says that it may not", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, {}, { permissions: ["clipboard-read"] });
  await sendOrders(server);
  const traceId = await failedTrace(server);
  const clipboard = "globalThis.kept = navigator.clipboard";
  await page.addInitScript(
    `${clipboard}; Object.defineProperty(navigator, "clipboard", { value: undefined })`,
  );
  await go(`#/trace/${traceId}`);
  const button = page.getByRole("button", { name: "copy the trace id" });
  await button.press("Enter");
  await button.getByText("copied").waitFor();
  assert.equal(await page.evaluate("kept.readText()"), traceId);
  assert.equal(await page.evaluate("document.activeElement.title"), "copy the trace id");
  await page.evaluate("document.execCommand = () => false");
  await button.press("Enter");
  await button.getByText("not allowed").waitFor();
  assert.deepEqual(faults, []);
});

test("a drag over the overview, and keys, look closer at a part of the time", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go(`#/trace/${await failedTrace(server)}`);
  const overview = await page.locator(".minimap").boundingBox();
  assert.ok(overview);
  await page.mouse.move(overview.x + overview.width * 0.2, overview.y + 5);
  await page.mouse.down();
  await page.mouse.move(overview.x + overview.width * 0.4, overview.y + 5, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=\d+&to=\d+/);
  const copied = page.url();
  await page.getByRole("button", { name: "show all" }).click();
  await page.waitForURL((url) => !/from=/.test(url.hash));
  await page.keyboard.press("+");
  await page.waitForURL(/from=/);
  await page.keyboard.press("-");
  await page.waitForURL((url) => !/from=/.test(url.hash));
  await page.keyboard.press("e");
  // The first failed span is as long as the trace.
  await page.keyboard.press("e");
  await page.keyboard.press("z");
  await page.waitForURL(/from=/);
  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => !/from=/.test(url.hash));

  const other = await page.context().newPage();
  await other.goto(copied);
  await other.getByRole("button", { name: "show all" }).waitFor();
  assert.deepEqual(faults, []);
});

test("a drag by another button than the first chooses nothing", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go(`#/trace/${await failedTrace(server)}`);
  const overview = await page.locator(".minimap").boundingBox();
  assert.ok(overview);
  const drag = async (button: "left" | "right", from: number, to: number) => {
    await page.mouse.move(overview.x + overview.width * from, overview.y + 5);
    await page.mouse.down({ button });
    await page.mouse.move(overview.x + overview.width * to, overview.y + 5, { steps: 4 });
    await page.mouse.up({ button });
  };
  await drag("right", 0.1, 0.9);
  assert.doesNotMatch(await page.evaluate<string>("location.hash"), /from=/);
  await drag("left", 0.2, 0.4);
  await page.waitForURL(/from=/);
  assert.deepEqual(faults, []);
});

test("a trace is saved as OTLP/JSON that the server takes again as it was", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { API_TOKEN: "secret" });
  const span = {
    traceId: "5b8efff798038103d269b633813fc60d",
    spanId: "0102030405060708",
    name: "exact",
    startTimeUnixNano: "1795428000123456789",
    endTimeUnixNano: "1795428000123456999",
    attributes: [{ key: "big", value: { intValue: "9007199254740993" } }],
  };
  await sendSpans(server, [span]);
  await go("#token=secret");
  await go(`#/trace/${span.traceId}`);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "download" }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), `${span.traceId}.json`);
  const text = readFileSync(await saved.path(), "utf8");
  assert.deepEqual(JSON.parse(text).resourceSpans[0].scopeSpans[0].spans[0], { ...span, status: {} });
  const response = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: text,
  });
  assert.deepEqual(await response.json(), {});
  await page.getByText("2 spans").waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/status of 401/.test(fault)),
    [],
  );
});

test("spans whose clock is behind that of their caller are told, and their times left as they are", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  const traceId = "5b8efff798038103d269b633813fc60e";
  const [start, end] = ["1795428000100000000", "1795428000200000000"];
  await sendSpans(server, [
    { traceId, spanId: "00000000000000a1", name: "call", startTimeUnixNano: start, endTimeUnixNano: end },
  ]);
  const early = { traceId, spanId: "00000000000000a2", parentSpanId: "00000000000000a1", name: "early" };
  await sendSpans(
    server,
    [{ ...early, startTimeUnixNano: "1795428000098500000", endTimeUnixNano: end }],
    "other",
  );
  await go(`#/trace/${traceId}`);
  await page
    .getByText("1 span of another service than the one above began before it, by 1.5 ms at most")
    .waitFor();
  await page.getByText("early", { exact: true }).click();
  await page.getByText("began 1.5 ms before the span above it").waitFor();
  assert.deepEqual(faults, []);
});

test("a call of a language model is shown as a conversation, in which HTML stays text", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const traceId = "5b8efff798038103d269b633813fc60d";
  const messages = [
    { role: "user", parts: [{ type: "text", content: "**Weather** <img src=x onerror=alert(1)>?" }] },
  ];
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  await sendSpans(server, [
    {
      traceId,
      spanId: "0102030405060708",
      name: "chat small-1",
      startTimeUnixNano: "1795428000000000000",
      endTimeUnixNano: "1795428001000000000",
      attributes: [
        attribute("gen_ai.request.model", "small-1"),
        attribute("gen_ai.input.messages", JSON.stringify(messages)),
        { key: "gen_ai.usage.input_tokens", value: { intValue: "12" } },
      ],
    },
  ]);
  await go(`#/trace/${traceId}?span=0102030405060708`);
  const conversation = page.getByRole("region", { name: "Conversation" });
  await conversation.getByText("12 in").waitFor();
  assert.equal(await conversation.locator("strong").textContent(), "Weather");
  await conversation.getByText("<img src=x onerror=alert(1)>?").waitFor();
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(faults, []);
});

test("spans that are alike take one row, and are shown one by one by a key or a link to one of them", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const traceId = "5b8efff798038103d269b633813fc60d";
  const time = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428001000000000" };
  const id = (span: number) => span.toString(16).padStart(16, "0");
  const queries = Array.from({ length: 14 }, (_, i) => ({
    ...time,
    traceId,
    spanId: id(i + 2),
    parentSpanId: id(1),
    name: "SELECT orders",
  }));
  await sendSpans(server, [{ ...time, traceId, spanId: id(1), name: "GET /cart" }, ...queries]);
  await go(`#/trace/${traceId}`);
  await page.getByText("×14").waitFor();
  assert.equal(await rows(page).count(), 2);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await rows(page).nth(14).waitFor();
  await page.waitForURL(new RegExp(`span=${id(2)}`));
  await page.keyboard.press("[");
  await page.keyboard.press("]");
  await rows(page).nth(14).waitFor();
  const other = await page.context().newPage();
  await other.goto(`${server.url}/#/trace/${traceId}?span=${id(9)}`);
  await rows(other).nth(14).waitFor();
  await other.getByRole("complementary", { name: "Span" }).getByText(id(9)).waitFor();
  assert.deepEqual(faults, []);
});

test("spans that are alike and end before the time that is shown say so", { skip }, async (t) => {
  const { server, page, go } = await open(t);
  const traceId = "5b8efff798038103d269b633813fc60e";
  const span = (at: number, seconds: number, parentSpanId?: string) => ({
    traceId,
    spanId: `${at}`.padStart(16, "0"),
    ...(parentSpanId && { parentSpanId }),
    name: at === 1 ? "GET /cart" : "SELECT orders",
    startTimeUnixNano: "1795428000000000000",
    endTimeUnixNano: `${1_795_428_000 + seconds}000000000`,
  });
  const root = span(1, 10);
  await sendSpans(server, [root, ...[2, 3, 4, 5, 6].map((at) => span(at, 1, root.spanId))]);
  await go(`#/trace/${traceId}?from=5000000000&to=6000000000`);
  await rows(page).filter({ hasText: "×5" }).filter({ hasText: "earlier" }).waitFor();
});

test("the list to which a trace leads back shows times in the zone that was chosen since", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/traces?tz=utc");
  await rows(page).first().click();
  await page.getByRole("treegrid").waitFor();
  await page.getByRole("button", { name: "UTC" }).click();
  await page.getByRole("button", { name: "local time" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("grid", { name: /Traces/ }).waitFor();
  await page.getByRole("button", { name: "local time" }).waitFor();
  assert.deepEqual(faults, []);
});

test("an address that has no trace id says so, and asks the server nothing", { skip }, async (t) => {
  const { page, faults, go } = await open(t);
  await go("#/trace/..%2f..%2fx");
  await page.getByText("The address has no trace id, which is 32 hex digits.").waitFor();
  await page.getByRole("link", { name: "All traces" }).click();
  await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
  assert.deepEqual(faults, []);
});
