import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

test("operations are sorted by a column that is chosen, and the address holds the order", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/services");
  await page.getByRole("row", { name: /shop charge card 3/ }).waitFor();
  const first = page.getByRole("row").nth(1);
  await page.getByRole("button", { name: "operation", exact: true }).click();
  await page
    .getByRole("columnheader", { name: "operation" })
    .and(page.locator("[aria-sort=ascending]"))
    .waitFor();
  assert.match((await first.textContent()) ?? "", /^shopPOST \/checkout/);
  await page.getByRole("button", { name: "operation ↑" }).click();
  await page.waitForURL(/sort=-name/);
  assert.match((await first.textContent()) ?? "", /^shopcharge card/);
  assert.deepEqual(faults, []);
});

test("the graph shows which service calls which, and leads to the traces of one", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  const traceId = "5b8efff798038103d269b633813fc60d";
  const span = { traceId, startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428000120000000" };
  await sendSpans(server, [{ ...span, spanId: "00000000000000a1", kind: 3, name: "GET" }], "web");
  await sendSpans(
    server,
    [
      { ...span, spanId: "00000000000000a2", parentSpanId: "00000000000000a1", kind: 2, name: "GET" },
      {
        ...span,
        spanId: "00000000000000a3",
        parentSpanId: "00000000000000a2",
        kind: 3,
        name: "SELECT",
        status: { code: 2 },
        attributes: [{ key: "server.address", value: { stringValue: "orders-db" } }],
      },
    ],
    "gateway",
  );
  await go("#/services");
  await page.getByRole("button", { name: "graph" }).click();
  await page.getByRole("row", { name: /^web gateway 1 / }).waitFor();
  await page.getByRole("row", { name: /^gateway orders-db sends nothing 1 ✗ 1 / }).waitFor();
  await page.getByText("1 · ✗ 1 · 120 ms").waitFor();
  await page.getByRole("link", { name: "orders-db, which sends nothing" }).waitFor();
  await page.getByRole("link", { name: "traces of gateway" }).press("Enter");
  await page.waitForURL(/#\/traces\?service=gateway/);
  await rows(page).first().waitFor();
  assert.equal(await rows(page).count(), 1);
  assert.deepEqual(faults, []);
});

test("keys lead from operation to operation, show where they are, and open one", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/services?sort=name");
  const operations = page.locator("tbody a[href*=name]");
  await operations.first().waitFor();
  const focused = page.locator("tbody a:focus-visible");
  await page.keyboard.press("j");
  assert.equal(await focused.textContent(), await operations.first().textContent());
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("k");
  await page.keyboard.press("j");
  assert.equal(await focused.textContent(), await operations.nth(1).textContent());
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/traces\?service=.*name=/);
  assert.deepEqual(faults, []);
});

test("the server's figures are asked for once a second at most, also where two parts of a view need them", {
  skip,
}, async (t) => {
  const { page, go } = await open(t);
  const answers: Promise<unknown>[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith("/GetStats")) answers.push(response.finished());
  });
  // The empty table tells of what is held, and is made again when that has changed.
  await go("#/services");
  await page.getByText("Operations appear here as they come.").waitFor();
  while (answers.length < 5) await page.waitForResponse((response) => response.url().endsWith("/GetStats"));
  await Promise.all(answers);
  const asked = await page.evaluate<number[]>(
    "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/GetStats')).map(({ startTime }) => startTime)",
  );
  // It is called a moment before the browser takes its time.
  const between = asked.slice(1).map((time, i) => time - (asked[i] ?? 0));
  assert.ok(Math.min(...between) > 950, between.join());
});

test("operations are computed again only when spans have come", { skip }, async (t) => {
  const { server, page, go } = await open(t);
  await sendOrders(server);
  const asked: string[] = [];
  page.on("response", (response) => asked.push(response.url().split("/").at(-1) ?? ""));
  await go("#/services");
  await page.getByRole("row", { name: /shop charge card 3/ }).waitFor();
  const polls = () => asked.filter((method) => method === "GetStats").length;
  const before = polls();
  while (polls() < before + 2) await page.waitForResponse((response) => response.url().endsWith("/GetStats"));
  assert.equal(asked.filter((method) => method === "SummarizeSpans").length, 1);
  await sendOrders(server);
  await page.getByRole("row", { name: /shop charge card 6/ }).waitFor();
});
