import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { inBrowser, rows } from "../../support/browser/page.ts";
import { query } from "../../support/obsvty.ts";

const { open, skip } = inBrowser();

const span = (index: number, name = `step ${index}`) => ({
  traceId: `${index}`.padStart(32, "0"),
  spanId: `${index}`.padStart(16, "0"),
  name,
  startTimeUnixNano: "1764237600123456789",
  endTimeUnixNano: "1764237600123456799",
});
const request = (...spans: readonly object[]) =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
        scopeSpans: [{ spans }],
      },
    ],
  });

async function choose(page: Page, ...files: readonly { readonly name: string; readonly text: string }[]) {
  await page
    .locator("input[type=file]")
    .setInputFiles(files.map(({ name, text }) => ({ name, mimeType: "", buffer: Buffer.from(text) })));
}

test("a file is sent to the server with its times as they are, and shown", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await go("");
  await page.getByRole("button", { name: "open file" }).waitFor();
  await choose(page, { name: "shop.jsonl", text: `${request(span(1))}\n${request(span(2), span(3))}\n` });
  await page.getByText("shop.jsonl is here:").waitFor();
  await rows(page).nth(2).waitFor();
  const { spans } = await query(server, "SearchSpans", { limit: 1 });
  assert.equal(spans[0].startTime, "2025-11-27T10:00:00.123456789Z");
  await page.getByRole("button", { name: "close the files" }).click();
  await page.getByText("shop.jsonl is here:").waitFor({ state: "hidden" });
  assert.deepEqual(faults, []);
});

test("a file that is dropped is read, one larger than a request in several", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_RECEIVE_MESSAGE_LENGTH: "2000000" });
  await go("#/traces");
  await page.getByRole("button", { name: "open file" }).waitFor();
  const large = request(...Array.from({ length: 3_000 }, (_, index) => span(index + 1, "x".repeat(1_000))));
  const transfer = await page.evaluateHandle(`
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(large)}], "large.json"));
    data;
  `);
  await page.dispatchEvent("main", "dragover", { dataTransfer: transfer });
  await page.getByText("Drop files of OTLP").waitFor();
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
  await page.getByText("large.json is here:").waitFor();
  const { signals } = await query(server, "GetStats", {});
  assert.equal(signals.traces.items, "3000");
  assert.deepEqual(faults, []);
});

test("a file that cannot be taken is told with the reason", { skip }, async (t) => {
  const { page, faults, go } = await open(t);
  await go("");
  await page.getByRole("button", { name: "open file" }).waitFor();
  await choose(
    page,
    { name: "jaeger.json", text: '{"data":[]}' },
    { name: "picture", text: "hello" },
    { name: "half.json", text: request(span(1), { ...span(2), traceId: "" }) },
  );
  await page.getByText("it is JSON, but not of OTLP").waitFor();
  await page.getByText("it is neither JSON nor protobuf of OTLP").waitFor();
  await page.getByText(/1 item rejected: 1 span rejected: trace_id/).waitFor();
  assert.deepEqual(faults, []);
});

test("where telemetry is handed on, the page says where to and asks once", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t, { FORWARD_OTLP_ENDPOINT: "http://127.0.0.1:9" });
  await go("");
  await page.getByRole("button", { name: "open file" }).waitFor();
  await choose(page, { name: "one.json", text: request(span(1)) });
  await page.getByText(/is sent to this server, which hands it on to otlp/).waitFor();
  const { signals } = await query(server, "GetStats", {});
  assert.equal(signals.traces.accepted, "0");
  await page.getByRole("button", { name: "send it" }).click();
  await page.getByText("one.json is here:").waitFor();
  await choose(page, { name: "two.json", text: request(span(2)) });
  await page.getByText("two.json is here:").waitFor();
  assert.deepEqual(faults, []);
});

test("files are said to be of no use while the code for them does not come from the server", {
  skip,
}, async (t) => {
  const { page, faults, go } = await open(t);
  await go("");
  await page.route("**/files-panel*.js", (request) => request.abort());
  await choose(page, { name: "one.json", text: request(span(1)) });
  await page.getByRole("alert").getByText("This part of the page did not come from the server.").waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/ERR_FAILED/.test(fault)),
    [],
  );
});

test("a line of a file that cannot be sent is told by its number, and all others are sent in few requests", {
  skip,
}, async (t) => {
  const { server, page, go } = await open(t);
  await go("");
  await page.getByRole("button", { name: "open file" }).waitFor();
  let sent = 0;
  page.on("request", (each) => {
    if (each.url().endsWith("/v1/traces")) sent++;
  });
  const lines = Array.from({ length: 200 }, (_, index) => request(span(index + 1)));
  await choose(page, { name: "many.jsonl", text: [...lines, "{torn", ...lines].join("\n") });
  await page.getByText("many.jsonl is here:").waitFor();
  await page.getByText("1 line left out; line 201: it is no JSON").waitFor();
  assert.equal(sent, 1);
  // A resource that is none costs the request in which it is, and no more.
  await choose(page, { name: "odd.jsonl", text: [lines[0], '{"resourceSpans":[7]}', lines[1]].join("\n") });
  await page.getByText("1 line left out; line 2: the server refused it").waitFor();
  const { signals } = await query(server, "GetStats", {});
  assert.equal(signals.traces.accepted, "402");
});

test("lines that are too large together for a server are sent alone", { skip }, async (t) => {
  const { server, page, go } = await open(t, { MAX_RECEIVE_MESSAGE_LENGTH: "20000" });
  await go("");
  await page.getByRole("button", { name: "open file" }).waitFor();
  const lines = Array.from({ length: 100 }, (_, index) => request(span(index + 1)));
  await choose(page, { name: "many.jsonl", text: lines.join("\n") });
  await page.getByText("many.jsonl is here:").waitFor();
  const { signals } = await query(server, "GetStats", {});
  assert.equal(signals.traces.accepted, "100");
});

test("a large file of JSON is read beside the page, which tells how far it is, and can be stopped", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await go("#/status");
  await page.getByRole("button", { name: "open file" }).waitFor();
  await page.evaluate(`
    longest = from = 0;
    told = new Set();
    new PerformanceObserver((list) => {
      const later = list.getEntries().filter(({ startTime }) => startTime > from);
      for (const { duration } of later) longest = Math.max(longest, duration);
    }).observe({ type: "longtask" });
    new MutationObserver(() => {
      const words = document.querySelector(".sendings")?.textContent ?? "";
      if (/ sent; the file has /.test(words)) told.add(words);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  `);
  const send = (name: string, spans: number) =>
    page.evaluate(`{
      const span = ${JSON.stringify({ ...span(1), name: "x".repeat(800) })};
      const spans = Array.from({ length: ${spans} }, () => JSON.stringify(span)).join(",");
      const text = '{"resourceSpans":[{"scopeSpans":[{"spans":[' + spans + "]}]}]}";
      const data = new DataTransfer();
      data.items.add(new File([text], "${name}"));
      document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
      from = performance.now();
    }`);
  await send("large.json", 50_000);
  await page.getByText("large.json is here:").waitFor({ timeout: 120_000 });
  const told = await page.evaluate<number>("told.size");
  t.diagnostic(`told ${told} times; the longest task took ${await page.evaluate("longest")} ms`);
  assert.ok(told > 5, `told ${told} times`);
  assert.equal((await query(server, "GetStats", {})).signals.traces.accepted, "50000");

  await page.route("**/v1/traces", () => {});
  await send("stopped.json", 5_000);
  await page.getByRole("button", { name: "stop sending stopped.json" }).click();
  await page.getByText("stopped.json ✗ it was stopped").waitFor();
  await page.unroute("**/v1/traces");
  await choose(page, { name: "next.json", text: request(span(1)) });
  await page.getByText("next.json is here:").waitFor();
  assert.deepEqual(faults, []);
});
