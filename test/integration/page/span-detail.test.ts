import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, rows, sendSpans } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

const traceId = "5b8efff798038103d269b633813fc60d";
const time = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428001000000000" };

function text(key: string, stringValue: string) {
  return { key, value: { stringValue } };
}

test("values are shown readably: JSON folds, a long text is cut, a stack trace marks the program's frames", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
  const attributes = [
    text("cart", JSON.stringify({ items: [{ sku: "blue-shoe" }], sum: 12 })),
    text("deep", deep),
    text("long", `${"x".repeat(4_000)}the end`),
    text(
      "exception.stacktrace",
      "Error: no\n    at charge (/app/pay.js:3:9)\n    at run (node:internal/x:1:2)",
    ),
    text("answer", "# Weather\n\nIt **rains** <b>today</b>.\n"),
    text("__proto__", "a prototype"),
    text("constructor", "a constructor"),
  ];
  await sendSpans(server, [{ ...time, traceId, spanId: "0000000000000001", name: "pay", attributes }]);
  await go(`#/trace/${traceId}?span=0000000000000001`);
  const detail = page.getByRole("complementary", { name: "Span" });
  await detail.getByText("blue-shoe").waitFor();
  await detail.locator("summary", { hasText: "items" }).click();
  await detail.getByText("blue-shoe").waitFor({ state: "hidden" });
  assert.equal(await detail.getByText("the end").count(), 0);
  await detail.getByRole("button", { name: "show all (3.91 KiB)" }).click();
  await detail.getByText("the end").waitFor();
  assert.equal(await detail.locator(".stack .own").textContent(), "    at charge (/app/pay.js:3:9)\n");
  await detail.getByRole("heading", { name: "Weather" }).waitFor();
  await detail.getByText("<b>today</b>").waitFor();
  await detail.getByRole("button", { name: "as sent" }).click();
  await detail.getByText("# Weather").waitFor();
  await detail.getByText("a prototype", { exact: true }).waitFor();
  await detail.getByText("a constructor", { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test("Markdown is shown with its tables, tasks and code, its links leave the page behind, and a long one is cut", {
  skip,
}, async (t) => {
  const permissions = ["clipboard-write", "clipboard-read"];
  const { server, page, faults, go } = await open(t, {}, { permissions });
  const table = "| item | price |\n|---|--:|\n| shoe | 12 |\n| sock | 3 |";
  const answer = `${table}\n\n- [x] paid\n\n\`\`\`sh\nnpm test\n\`\`\`\n\n[the shop](https://shop.example/)`;
  const attributes = [text("answer", answer), text("long", `# Start\n${"- item\n".repeat(6_000)}- the end`)];
  await sendSpans(server, [{ ...time, traceId, spanId: "0000000000000001", name: "ask", attributes }]);
  await go(`#/trace/${traceId}?span=0000000000000001`);
  const detail = page.getByRole("complementary", { name: "Span" });
  await detail.getByRole("columnheader", { name: "price" }).waitFor();
  assert.deepEqual(await detail.getByRole("cell").allTextContents(), ["shoe", "12", "sock", "3"]);
  assert.ok(await detail.getByRole("checkbox", { name: "done" }).isChecked());
  const link = detail.getByRole("link", { name: "the shop" });
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer");
  await detail.getByText("npm test").hover();
  await detail.getByRole("button", { name: "copy the code" }).click();
  await detail.getByText("copied").waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), "npm test");
  assert.equal(await detail.getByText("the end").count(), 0);
  await detail.getByRole("button", { name: /show all/ }).click();
  await detail.getByText("the end").waitFor();
  assert.deepEqual(faults, []);
});

test("links show their attributes, lead to their span, and a span tells which link to it", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const [sender, receiver] = ["0000000000000001", "0000000000000002"];
  const links = [{ traceId, spanId: sender, attributes: [text("messaging.batch", "seven")] }];
  await sendSpans(server, [
    { ...time, traceId, spanId: sender, name: "send" },
    { ...time, traceId, spanId: receiver, name: "receive", links },
  ]);
  await go(`#/trace/${traceId}?span=${receiver}`);
  const detail = page.getByRole("complementary", { name: "Span" });
  await detail.getByText("seven").waitFor();
  await detail.getByRole("link", { name: `${traceId} ${sender}` }).click();
  await detail.getByRole("heading", { name: "linked from" }).waitFor();
  await detail.getByRole("link", { name: `${traceId} ${receiver}` }).waitFor();
  assert.deepEqual(faults, []);
});

test("the link to a span is copied without what else the address holds", { skip }, async (t) => {
  const permissions = ["clipboard-write", "clipboard-read"];
  const { server, page, faults, go } = await open(t, {}, { permissions });
  await sendSpans(server, [{ ...time, traceId, spanId: "0000000000000001", name: "pay" }]);
  await go(`#/trace/${traceId}?span=0000000000000001&find=pay`);
  await page.getByRole("button", { name: "copy the link to this span" }).click();
  await page.getByText("copied").waitFor();
  const copied = await page.evaluate("navigator.clipboard.readText()");
  assert.equal(copied, `${server.url}/#/trace/${traceId}?span=0000000000000001`);
  assert.deepEqual(faults, []);
});

test("what is not held is told: a parent, a span of the address, a trace, and whether anything was evicted", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, { MAX_BUFFER_SIZE: "3" });
  const orphan = {
    ...time,
    traceId,
    spanId: "0000000000000002",
    parentSpanId: "0000000000000001",
    name: "b",
  };
  await sendSpans(server, [orphan]);
  await go(`#/trace/${traceId}?span=00000000000000ff`);
  await page.getByText("has not dropped any span since it started").waitFor();
  await page.getByText("The address names the span 00000000000000ff, which is not shown").waitFor();
  await go("#/trace/00000000000000000000000000000001");
  await page.getByText("It never came since the server started").waitFor();
  const others = Array.from({ length: 4 }, (_, at) => ({
    ...orphan,
    spanId: `00000000000000${at + 10}`,
    name: `late ${at}`,
    endTimeUnixNano: "1795428002000000000",
  }));
  await sendSpans(server, others);
  await go(`#/trace/${traceId}`);
  await page.getByText("2 spans that went to make room").waitFor();
  assert.deepEqual(
    faults.filter((fault) => !/status of 404/.test(fault)),
    [],
  );
});

test("a span tells by how much it ended after the one above it, and what was dropped from it", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendSpans(server, [
    { ...time, traceId, spanId: "0000000000000001", name: "a" },
    {
      ...time,
      traceId,
      spanId: "0000000000000002",
      parentSpanId: "0000000000000001",
      name: "b",
      endTimeUnixNano: "1795428001250000000",
      droppedEventsCount: 7,
      droppedLinksCount: 1,
    },
  ]);
  await go(`#/trace/${traceId}?span=0000000000000002`);
  await page.getByText("⚠ 7 events, 1 link by the program that sent the span").waitFor();
  await page.getByText("250 ms after that of the span above it").waitFor();
  assert.deepEqual(faults, []);
});

test("telemetry that is made to break the page leaves it usable", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  const id = (span: number) => (span + 1).toString(16).padStart(16, "0");
  const level = (at: number) => ({ ...time, traceId, spanId: id(at), name: `level ${at}` });
  const spans = [
    { ...level(0), name: "n".repeat(10_000) },
    ...Array.from({ length: 200 }, (_, at) => ({ ...level(at + 1), parentSpanId: id(at) })),
    { ...level(300), parentSpanId: id(301), name: "cycle one" },
    { ...level(301), parentSpanId: id(300), name: "cycle two" },
    { ...level(400), parentSpanId: id(0), name: "\u202egnp.exe\u0000\u0007\n\ttext" },
    { ...level(401), parentSpanId: id(0), name: "no time", startTimeUnixNano: "0", endTimeUnixNano: "0" },
    {
      ...level(402),
      parentSpanId: id(0),
      name: "far",
      startTimeUnixNano: "9223372036854775808",
      endTimeUnixNano: "9223372036854775807",
    },
    {
      ...level(403),
      parentSpanId: id(0),
      name: "eventful",
      events: Array.from({ length: 10_000 }, (_, at) => ({
        name: `event ${at}`,
        timeUnixNano: time.startTimeUnixNano,
      })),
    },
  ];
  await sendSpans(server, spans);
  for (const span of [0, 200, 300, 301, 400, 401, 402, 403]) {
    await go(`#/trace/${traceId}?span=${id(span)}`);
    const detail = page.getByRole("complementary", { name: "Span" });
    await detail
      .locator("dd", { hasText: id(span) })
      .first()
      .waitFor();
    assert.ok((await rows(page).count()) < 100);
    for (const key of ["j", "k", "z", "0", "[", "{", "}", "]", "p", "e", "End", "Home"]) {
      await page.keyboard.press(key);
    }
    await page.locator('.row[aria-selected="true"]').waitFor();
  }
  await go(`#/trace/${traceId}?span=${id(403)}`);
  await page.getByRole("button", { name: /^show more events \(of \d,\d{3}\)$/ }).click();
  await page.getByRole("heading", { name: "event 499" }).waitFor();
  await page.getByText("the span has too many fields to show all of them").waitFor();
  const title = await page.getByRole("heading", { level: 1 }).boundingBox();
  assert.ok(title !== null && title.height < 100, JSON.stringify(title));
  assert.deepEqual(faults, []);
});

test("of thousands of attributes and messages of a span the first are shown, and more when they are asked for", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  const said = (content: string) => ({ role: "user", parts: [{ type: "text", content }] });
  const parts = Array.from({ length: 300 }, (_, n) => ({ type: "text", content: `part ${n}.` }));
  const messages = [{ role: "user", parts }, ...Array.from({ length: 300 }, (_, n) => said(`message ${n}.`))];
  const attributes = [
    text("gen_ai.operation.name", "chat"),
    text("gen_ai.input.messages", JSON.stringify(messages)),
    ...Array.from({ length: 300 }, (_, n) => text(`key.${String(n).padStart(3, "0")}`, "value")),
  ];
  await sendSpans(server, [{ ...time, traceId, spanId: "0000000000000001", name: "chat", attributes }]);
  await go(`#/trace/${traceId}?span=0000000000000001`);
  const detail = page.getByRole("complementary", { name: "Span" });
  const cases = [
    ["parts (of 300)", "part 99.", "part 100."],
    ["messages (of 301)", "message 98.", "message 99."],
    ["attributes (of 302)", "key.097", "key.098"],
  ] as const;
  for (const [words, last, next] of cases) {
    await detail.getByText(last, { exact: true }).waitFor();
    assert.equal(await detail.getByText(next, { exact: true }).count(), 0, next);
    await detail.getByRole("button", { name: `show more ${words}` }).click();
    await detail.getByText(next, { exact: true }).waitFor();
  }
  assert.deepEqual(faults, []);
});
