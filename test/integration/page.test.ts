import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { readBuiltPage } from "../../src/adapters/inbound/web-page/built-page.ts";
import { browser as executable, skipWithoutBrowser as skip } from "../support/browser/find-browser.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import type { TestServer, TestServerOptions } from "../support/server.ts";

/*
 * The page as a person has it: built, in a real browser, beside a server that is fed by the official SDK.
 */

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the list of traces and the waterfall need, compressed. */
const maxFirstLoadBytes = 80 * 1024;

/** What axe-core finds wrong. */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

before(() => run(process.execPath, ["src/web/build.mjs"], { cwd: root }));

test("the first load takes at most 80 KB", (t) => {
  const files = [...(readBuiltPage()?.values() ?? [])];
  const bytes = files.reduce((sum, { bodies }) => sum + bodies.br.length, 0);
  const zipped = files.reduce((sum, { bodies }) => sum + bodies.gzip.length, 0);
  t.diagnostic(`${bytes} bytes with brotli, ${zipped} with gzip`);
  assert.ok(files.some(({ path }) => path === "/"));
  assert.ok(zipped <= maxFirstLoadBytes, String(zipped));
});

describe("the page in a browser:", { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: executable ?? "", args: ["--no-sandbox"] });
  });
  after(() => browser?.close());

  interface Opened {
    readonly server: TestServer;
    readonly page: Page;
    /** Errors of the console and of scripts, and requests to elsewhere. A test that expects some takes them out. */
    readonly faults: string[];
    go(hash: string): Promise<void>;
  }

  async function open(
    t: TestContext,
    settings: TestServerOptions["settings"] = {},
    options: BrowserContextOptions = {},
  ): Promise<Opened> {
    const server = await startObsvty(t, { settings: { OTLP_HTTP_PORT: "0", ...settings } });
    const context = await browser.newContext({ locale: "en-GB", timezoneId: "Asia/Kolkata", ...options });
    t.after(() => context.close());
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${server.url}/`)) faults.push(`request to ${request.url()}`);
    });
    return {
      server,
      page,
      faults,
      go: async (hash) => {
        await page.goto(`${server.url}/${hash}`);
      },
    };
  }

  /** Three orders of the official SDK, of which the third fails. */
  async function sendOrders({ url }: TestServer): Promise<void> {
    const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
    await run(process.execPath, ["examples/node-client/main.js"], { cwd: root, env });
  }

  async function sendSpans({ url }: TestServer, spans: readonly object[]): Promise<void> {
    const resource = { attributes: [{ key: "service.name", value: { stringValue: "large" } }] };
    const response = await fetch(`${url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
    });
    assert.deepEqual(await response.json(), {});
  }

  async function failedTrace(server: TestServer): Promise<string> {
    const { traces } = await query(server, "SearchTraces", { filter: { statusCode: "STATUS_CODE_ERROR" } });
    return traces[0].traceId;
  }

  const rows = (page: Page) => page.locator(".row.item");

  test("the first minute says how to send here, and turns into the list by itself", async (t) => {
    const { server, page, faults, go } = await open(
      t,
      {},
      { permissions: ["clipboard-write", "clipboard-read"] },
    );
    await go("");
    await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
    const lines = (await page.locator("pre").first().textContent()) ?? "";
    assert.ok(lines.includes(server.url), lines);
    await page.getByRole("button", { name: "copy the lines for Node.js" }).click();
    await page.getByText("copied").waitFor();
    assert.equal(await page.evaluate("navigator.clipboard.readText()"), lines);

    await sendOrders(server);
    await page.getByRole("link", { name: "POST /checkout" }).first().waitFor();
    assert.equal(await rows(page).count(), 3);
    assert.deepEqual(faults, []);
  });

  test("a list that is paused, or under the pointer, waits and says how many are new", async (t) => {
    const { server, page, faults, go } = await open(t);
    await sendOrders(server);
    await go("#/traces");
    await page.getByRole("button", { name: "pause" }).click();
    await sendOrders(server);
    await page.getByRole("button", { name: "3 new" }).waitFor();
    assert.equal(await rows(page).count(), 3);
    await page.getByRole("button", { name: "resume" }).click();
    await rows(page).nth(5).waitFor();

    await rows(page).nth(2).hover();
    await sendOrders(server);
    await page.getByRole("button", { name: "3 new" }).waitFor();
    assert.equal(await rows(page).count(), 6);
    await page.mouse.move(5, 5);
    await rows(page).nth(8).waitFor();
    assert.deepEqual(faults, []);
  });

  test("filters are in the address, which shows the same to somebody else", async (t) => {
    const { server, page, faults, go } = await open(t);
    await sendOrders(server);
    await go("#/traces");
    await rows(page).nth(2).waitFor();
    await page.getByLabel("errors").check();
    await page.getByText("1 trace that match").waitFor();
    await page.getByLabel("service").fill("shop");
    await page.getByLabel("service").press("Enter");
    await page.waitForURL(/service=shop/);
    const copied = page.url();
    await page.getByRole("button", { name: "clear" }).click();
    await rows(page).nth(2).waitFor();

    const other = await page.context().newPage();
    await other.goto(copied);
    await other.getByText("1 trace that match").waitFor();
    await other.getByLabel("at least").fill("1h");
    await other.getByLabel("at least").press("Enter");
    await other.getByText("No trace that is held has a span that matches").waitFor();
    await other.getByLabel("at least").fill("soon");
    await other.getByLabel("at least").press("Enter");
    await other.getByText("A duration is a number and a unit").waitFor();
    assert.deepEqual(faults, []);
  });

  test("keys alone lead to the error of a trace, to what is found in it, and back", async (t) => {
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
    assert.deepEqual(faults, []);
  });

  test("a trace has its events and logs in line, and grows as spans come", async (t) => {
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

  test("logs are listed live, filtered by severity, and lead to their trace and back", async (t) => {
    const { server, page, faults, go } = await open(t);
    await go("#/logs");
    await page.getByText("No log record is held").waitFor();
    await sendOrders(server);
    await rows(page).nth(2).waitFor();
    await page.getByLabel("severity").selectOption("error");
    await page.getByText("1 log record that match").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    const detail = page.getByRole("complementary", { name: "Log record" });
    await detail.getByText("cart.id").waitFor();
    await detail.getByRole("link", { name: await failedTrace(server) }).click();
    await page.getByRole("treegrid").waitFor();
    await page.getByRole("link", { name: "its logs" }).click();
    await page.getByText("1 log record that match").waitFor();
    await page.goBack();
    await page.getByRole("treegrid").waitFor();
    assert.deepEqual(faults, []);
  });

  test("services, metrics and the status are shown", async (t) => {
    const { server, page, faults, go } = await open(t);
    await sendOrders(server);
    await go("#/services");
    await page.getByRole("row", { name: /shop charge card 3/ }).waitFor();
    await page.getByRole("link", { name: "metrics" }).click();
    await page.getByRole("row", { name: /shop\.orders sum/ }).waitFor();
    await page.getByRole("link", { name: "status" }).click();
    await page.getByRole("row", { name: /^traces 6 / }).waitFor();
    await page.getByText("Nothing is handed on.").waitFor();
    assert.deepEqual(faults, []);
  });

  test("when the server is started anew, the page says that it is away, and shows what the new one holds", async (t) => {
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
    // The browser itself tells of each call that found no server.
    assert.deepEqual(
      faults.filter((fault) => !/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET/.test(fault)),
      [],
    );
  });

  test("with a token, the page asks for it, takes it from a link, and keeps it for the tab alone", async (t) => {
    const { server, page, faults, go } = await open(t, { API_TOKEN: "se/cret" });
    await sendOrders(server);
    await go("");
    await page.getByLabel("API_TOKEN").fill("wrong");
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
    assert.deepEqual(
      faults.filter((fault) => !/status of 401/.test(fault)),
      [],
    );
  });

  test("a tab that is hidden asks for nothing, and goes on when it is seen again", async (t) => {
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

  test("a trace of 80,000 spans opens and scrolls with few rows in the document", async (t) => {
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

  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing wrong with any view, ${colorScheme}`, async (t) => {
      const { server, page, faults, go } = await open(t, {}, { colorScheme, reducedMotion: "reduce" });
      const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core")), "utf8");
      const check = async (view: string) => {
        // Into the page's world by the debugger, which its policy of scripts does not bind.
        await page.evaluate(axe);
        const found = (await page.evaluate("axe.run().then(({ violations }) => violations)")) as Violation[];
        const told = found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
        assert.deepEqual(told, [], view);
      };
      await go("");
      await page.getByRole("heading", { name: "Waiting for the first span" }).waitFor();
      await check("first minute");
      await sendOrders(server);
      await rows(page).nth(2).waitFor();
      await page.keyboard.press("j");
      await check("traces");
      await go(`#/trace/${await failedTrace(server)}`);
      await page.getByRole("treegrid").waitFor();
      await page.keyboard.press("e");
      await page.getByRole("complementary").waitFor();
      await check("trace");
      await go("#/logs");
      await rows(page).nth(2).waitFor();
      await page.keyboard.press("j");
      await check("logs");
      for (const view of ["services", "metrics", "status"]) {
        await go(`#/${view}`);
        await page.getByRole("table").first().waitFor();
        await check(view);
      }
      assert.deepEqual(faults, []);
    });
  }
});
