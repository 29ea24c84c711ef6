import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route } from "playwright-core";
import { failedTrace, inBrowser, sendOrders } from "../../support/browser/page.ts";

const { open, skip } = inBrowser();

/** What the server, or something before it, may answer to each call, and what the page says then. */
const answers: Readonly<Record<string, readonly [answer: (route: Route) => Promise<void>, words: RegExp]>> = {
  "is over its rate": [
    (route) =>
      route.fulfill({
        status: 429,
        headers: { "retry-after": "2" },
        json: { code: "resource_exhausted", message: "too many calls" },
      }),
    /^The server takes no more calls for now: too many calls\. The page tries again in 2 seconds\.$/,
  ],
  "is stopping": [
    (route) =>
      route.fulfill({ status: 503, json: { code: "unavailable", message: "the server is stopping" } }),
    /^The server cannot answer now: the server is stopping\./,
  ],
  "does not let this page read": [
    (route) =>
      route.fulfill({ status: 403, json: { code: "permission_denied", message: "not from this host" } }),
    /^The server does not let this page read: not from this host\.$/,
  ],
  "is behind a proxy that fails": [
    (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" }),
    /^The server cannot answer now: HTTP 502\./,
  ],
  "is behind a proxy that wants a login": [
    (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<h1>Log in</h1>" }),
    /^What answers \(HTTP 200\) is not obsvty, or something between changes it\./,
  ],
  "answers with fields of other types": [
    (route) => route.fulfill({ json: oddFields }),
    /^The server's answer is not what this page understands \(\w+\): reload the page\.$/,
  ],
  "breaks off in the middle": [
    (route) => route.fulfill({ status: 200, contentType: "application/json", body: '{"traces":[' }),
    /^The server does not answer\./,
  ],
};

/** Each answer has one of them as a list, or a map. */
const oddFields = Object.fromEntries(
  ["traces", "logs", "spans", "metrics", "groups", "calls", "profiles", "signals", "services", "buckets"].map(
    (name) => [name, null],
  ),
);

const views = ["traces", "logs", "metrics", "services", "services?show=graph", "profiles", "status"];

for (const [what, [answer, words]] of Object.entries(answers)) {
  test(`when the server ${what}, every view says so, keeps what it shows, and goes on`, {
    skip,
  }, async (t) => {
    const { server, page, go } = await open(t);
    await sendOrders(server);
    const scripts: string[] = [];
    page.on("pageerror", (error) => scripts.push(String(error)));
    for (const view of [...views, `trace/${await failedTrace(server)}`]) {
      await go(`#/${view}`);
      const main = page.getByRole("main");
      const shown = main.getByText(/shop|No profile is held/).filter({ visible: true });
      await shown.first().waitFor();
      await page.route("**/obsvty.v1.QueryService/*", answer);
      const alert = page.getByRole("alert");
      await alert.getByText(words).waitFor();
      assert.ok((await shown.count()) > 0, `${view} shows nothing`);
      assert.equal(await main.locator(".notice.bad").count(), 0, `${view} says it twice`);
      await page.unroute("**/obsvty.v1.QueryService/*");
      await alert.waitFor({ state: "hidden" });
    }
    assert.deepEqual(scripts, []);
  });
}

test("a server that takes long is told of after 5 seconds, and no more when it answers", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOrders(server);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route("**/obsvty.v1.QueryService/SearchTraces", async (route) => {
    await released;
    await route.continue();
  });
  await go("#/traces");
  await page.getByRole("alert").getByText("The server has not answered for 5 seconds.").waitFor();
  release();
  await page.getByRole("row").nth(2).waitFor();
  await page.getByRole("alert").waitFor({ state: "hidden" });
  assert.deepEqual(faults, []);
});

test("trouble at a call that is not made again is told of for a while", { skip }, async (t) => {
  const { server, page, go } = await open(t);
  await sendOrders(server);
  await go("#/traces");
  await page.getByRole("row").nth(2).waitFor();
  await page.route("**/obsvty.v1.QueryService/ListAttributes", (route) =>
    route.fulfill({ status: 429, json: { code: "resource_exhausted", message: "too many calls" } }),
  );
  await page.getByRole("combobox", { name: "add a filter" }).fill("cart");
  await page.getByRole("alert").getByText("too many calls").waitFor();
  await page.getByRole("alert").waitFor({ state: "hidden" });
});

test("a trace that is open says why it is not kept up to date, until it is again", { skip }, async (t) => {
  const { server, page, go } = await open(t);
  await sendOrders(server);
  await go(`#/trace/${await failedTrace(server)}`);
  await page.getByRole("heading", { name: "POST /checkout" }).waitFor();
  await page.route("**/obsvty.v1.QueryService/SearchSpans", (route) =>
    route.fulfill({ status: 500, json: { code: "internal", message: "out of order" } }),
  );
  const told = page.getByText("This trace is not kept up to date: out of order.");
  await told.waitFor();
  await page.unroute("**/obsvty.v1.QueryService/SearchSpans");
  await told.waitFor({ state: "hidden" });
  assert.equal(await page.getByRole("heading", { name: "POST /checkout" }).count(), 1);
});
