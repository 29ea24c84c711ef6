import assert from "node:assert/strict";
import { test } from "node:test";
import { failedTrace, inBrowser, rows, sendOrders, sendSpans } from "../../support/browser/page.ts";
import { query, startObsvty } from "../../support/obsvty.ts";

const { open, skip } = inBrowser();

test("when the server is started anew, the page says that it is away, and shows what the new one holds", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/traces");
  await rows(page).nth(2).waitFor();
  await server.close();
  await page.getByText("The server does not answer.").waitFor();
  assert.equal(await rows(page).count(), 3);
  const next = await startObsvty(t, {
    settings: { OTLP_GRPC_PORT: String(server.port), OTLP_HTTP_PORT: "off" },
  });
  await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
  await sendOrders(next);
  await rows(page).nth(2).waitFor();
  await page.getByText("The server does not answer.").waitFor({ state: "hidden" });
  // The browser itself tells of each call that found no server, or came to the new one with a cursor of the other.
  assert.deepEqual(
    faults.filter((fault) => !/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|status of 400/.test(fault)),
    [],
  );
});

test("when all that is held is cleared, lists begin anew with what comes then", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  for (const view of ["traces", "logs"]) {
    await sendOrders(server);
    await go(`#/${view}`);
    await rows(page).nth(2).waitFor();
    await query(server, "Clear");
    await rows(page).first().waitFor({ state: "detached" });
    await sendOrders(server);
    await rows(page).nth(2).waitFor();
    assert.equal(await rows(page).count(), 3, view);
    await query(server, "Clear");
    await rows(page).first().waitFor({ state: "detached" });
  }
  assert.deepEqual(faults, []);
});

test("a list that is paused keeps its rows when all that is held is cleared, until it goes on", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  for (const view of ["traces", "logs"]) {
    await sendOrders(server);
    await go(`#/${view}`);
    await rows(page).nth(2).waitFor();
    await page.getByRole("button", { name: "pause" }).click();
    await query(server, "Clear");
    // The second answer was asked for when all was cleared, and is shown when the third is.
    for (let answers = 0; answers < 3; answers++) {
      await page.waitForResponse((response) => response.url().endsWith("/GetStats"));
    }
    assert.equal(await rows(page).count(), 3, view);
    await page.getByRole("button", { name: "resume" }).click();
    await rows(page).first().waitFor({ state: "detached" });
  }
  assert.deepEqual(faults, []);
});

test("a trace that is open when the server is started anew stays, and is told to be gone", {
  skip,
}, async (t) => {
  const { server, page, go } = await open(t);
  await sendOrders(server);
  const traceId = await failedTrace(server);
  await go(`#/trace/${traceId}`);
  await page.getByRole("heading", { name: "POST /checkout" }).waitFor();
  await server.close();
  const next = await startObsvty(t, {
    settings: { OTLP_GRPC_PORT: String(server.port), OTLP_HTTP_PORT: "off" },
  });
  const gone = page.getByText("The server does not hold this trace any more");
  await gone.waitFor();
  assert.equal(await page.getByRole("heading", { name: "POST /checkout" }).count(), 1);
  await sendSpans(next, [
    {
      traceId,
      spanId: "0102030405060708",
      name: "another",
      startTimeUnixNano: "1795000000000000000",
      endTimeUnixNano: "1795000000000001000",
    },
  ]);
  await page.getByRole("heading", { name: "another" }).waitFor();
  await gone.waitFor({ state: "hidden" });
});

test("with a token, the page asks for it, takes it from a link, and keeps it for the tab alone", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t, { API_TOKEN: "se/cret" });
  await sendOrders(server);
  await go("");
  await page.getByLabel("API_TOKEN").waitFor();
  await page.keyboard.type("wrong");
  await page.getByRole("button", { name: "sign in" }).click();
  await page.getByText("the bearer token is not the server's API_TOKEN").waitFor();
  await page.getByLabel("API_TOKEN").fill("se/cret");
  await page.keyboard.press("Enter");
  await rows(page).nth(2).waitFor();
  await page.reload();
  await rows(page).nth(2).waitFor();

  const other = await page.context().newPage();
  await other.goto(`${server.url}/`);
  await other.getByLabel("API_TOKEN").waitFor();
  await other.goto(`${server.url}/#token=se%2Fcret`);
  await rows(other).nth(2).waitFor();
  assert.equal(other.url(), `${server.url}/#/traces`);

  const linked = await page.context().newPage();
  await linked.goto(`${server.url}/#/traces?status=error#token=se%2Fcret`);
  await rows(linked).first().waitFor();
  assert.equal(linked.url(), `${server.url}/#/traces?status=error`);
  assert.equal(await rows(linked).count(), 1);
  assert.deepEqual(
    faults.filter((fault) => !/status of 401/.test(fault)),
    [],
  );
});

test("a link whose token the server does not take leaves the one that the tab has", { skip }, async (t) => {
  const { server, page, go } = await open(t, { API_TOKEN: "secret" });
  await sendOrders(server);
  await go("#token=secret");
  await rows(page).nth(2).waitFor();
  await go("#/logs#token=another");
  await page.getByText("The server does not take the token of the link.").waitFor();
  await rows(page).nth(2).waitFor();
  assert.equal(page.url(), `${server.url}/#/logs`);
  await page.getByRole("button", { name: "close" }).click();
  await page.reload();
  await rows(page).nth(2).waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
});

test("a link whose token the server takes signs in by it in place of one that it does not take", {
  skip,
}, async (t) => {
  const { server, page, go } = await open(t, { API_TOKEN: "secret" });
  await sendOrders(server);
  await go("#token=wrong");
  await page.getByText("the bearer token is not the server's API_TOKEN").waitFor();
  await go("#/traces#token=secret");
  await rows(page).nth(2).waitFor();
});

test("what can be no token is told as such, and does not keep the page from asking for one", {
  skip,
}, async (t) => {
  const { server, page, go } = await open(t, { API_TOKEN: "se/cret" });
  await sendOrders(server);
  for (const hash of ["#token=%E2%82%AC", "#token=a%0Ab", `#token=${"a".repeat(50_000)}`]) {
    await go("");
    await go(hash);
    await page.getByText("a bearer token is required").waitFor();
  }
  for (const text of ["tökén€", "two words"]) {
    await page.getByLabel("API_TOKEN").fill(text);
    await page.getByRole("button", { name: "sign in" }).click();
    await page.getByText("A token has visible ASCII characters alone").waitFor();
  }
  await page.getByLabel("API_TOKEN").fill("se/cret");
  await page.keyboard.press("Enter");
  await rows(page).nth(2).waitFor();
});

test("in a browser that keeps nothing for pages, the page works, and a token is known until it is loaded anew", {
  skip,
}, async (t) => {
  const { server, page, go } = await open(t, { API_TOKEN: "secret" });
  await sendOrders(server);
  await page.addInitScript(`
    Object.defineProperty(window, "sessionStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  `);
  await go("#token=secret");
  await rows(page).nth(2).waitFor();
  await page.reload();
  await page.getByLabel("API_TOKEN").waitFor();
});

test("a tab that is hidden asks for nothing, and goes on when it is seen again", { skip }, async (t) => {
  const { server, page, go } = await open(t);
  await go("#/logs");
  await page.getByText("No log record is held").waitFor();
  const hide = (hidden: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    `);
  await hide(true);
  let asked = 0;
  page.on("request", () => {
    asked++;
  });
  await sendOrders(server);
  assert.equal(asked, 0);
  await hide(false);
  await rows(page).nth(2).waitFor();
});

test("the title of the tab names the view, and the first stop of the Tab key leads past the navigation", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  await go("#/logs");
  await rows(page).nth(2).waitFor();
  assert.equal(await page.title(), "logs · obsvty");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "skip to the content" }).press("Enter");
  assert.equal(await page.evaluate("document.activeElement.tagName"), "MAIN");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate("document.activeElement.closest('main') !== null"), true);
  const id = "5b8efff798038103d269b633813fc60d";
  await go(`#/trace/${id}`);
  await page.getByText("It never came since the server started").waitFor();
  assert.equal(await page.title(), "trace 5b8efff7 · obsvty");
  assert.deepEqual(
    faults.filter((fault) => !/status of 404/.test(fault)),
    [],
  );
});
