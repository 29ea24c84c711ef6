import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { query, startObsvty } from "../obsvty.ts";
import { sendOtlpJson } from "../send-otlp-json.ts";
import type { TestServer, TestServerOptions } from "../server.ts";
import { browser as executable, skipWithoutBrowser } from "./find-browser.ts";

/*
 * The page as a person has it: built, in a real browser, beside a server that is fed by the official SDK.
 */

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The page in a tab of its own, beside a server of its own. */
export interface OpenPage {
  readonly server: TestServer;
  readonly page: Page;
  /** Errors of the console and of scripts, and requests to elsewhere. A test that expects some takes them out. */
  readonly faults: string[];
  /** @param hash what the address has from "#" on */
  go(hash: string): Promise<void>;
}

export async function buildPage(): Promise<void> {
  await run(process.execPath, ["src/web/build.mjs"], { cwd: root });
}

/** Builds the page and starts a browser for the tests of a file. `skip` is the reason when there is no browser. */
export function inBrowser() {
  let browser: Browser | undefined;
  if (!skipWithoutBrowser) {
    before(async () => {
      await buildPage();
      browser = await chromium.launch({ executablePath: executable ?? "", args: ["--no-sandbox"] });
    });
    after(() => browser?.close());
  }

  async function open(
    t: TestContext,
    settings: TestServerOptions["settings"] = {},
    options: BrowserContextOptions = {},
  ): Promise<OpenPage> {
    assert.ok(browser);
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

  return { open, skip: skipWithoutBrowser };
}

/** The rows of the list, or of the waterfall, that are in the document. */
export function rows(page: Page): Locator {
  return page.locator(".row.item");
}

/** Three orders of the official SDK, of which the third fails. */
export async function sendOrders({ url }: TestServer): Promise<void> {
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" };
  await run(process.execPath, ["examples/node-client/main.js"], { cwd: root, env });
}

/** @param spans in OTLP/JSON */
export async function sendSpans(
  server: TestServer,
  spans: readonly object[],
  service = "large",
): Promise<void> {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: service } }] };
  await sendOtlpJson(server, "traces", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

/** The id of a trace that has a failed span. */
export async function failedTrace(server: TestServer): Promise<string> {
  const { traces } = await query(server, "SearchTraces", { filter: { statusCode: "STATUS_CODE_ERROR" } });
  return traces[0].traceId;
}
