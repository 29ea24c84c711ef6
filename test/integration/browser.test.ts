import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { browser, skipWithoutBrowser as skip } from "../support/browser/find-browser.ts";
import { query, startObsvty, statsOf } from "../support/obsvty.ts";

// A real page in a real browser, from another origin than the server's.

interface Page {
  readonly origin: string;
  /** What the page was given by its server. */
  settings: { readonly endpoint: string; readonly headers: Readonly<Record<string, string>> };
  /** What it said when it was done. */
  readonly done: Promise<string>;
}

/** Serves the page on a port of its own. */
async function servePage(t: TestContext): Promise<Page> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../support/browser/telemetry-page.js", import.meta.url))],
    bundle: true,
    platform: "browser",
    format: "esm",
    write: false,
    logLevel: "error",
  });
  const script = outputFiles[0]?.text ?? "";
  const done = Promise.withResolvers<string>();
  const page = { origin: "", settings: { endpoint: "", headers: {} }, done: done.promise };
  const server = createServer(async (request, response) => {
    switch (request.url) {
      case "/":
        response.setHeader("content-type", "text/html").end('<script type="module" src="/page.js"></script>');
        return;
      case "/page.js":
        response.setHeader("content-type", "text/javascript").end(script);
        return;
      case "/settings":
        response.end(JSON.stringify(page.settings));
        return;
      case "/done":
        done.resolve(Buffer.concat(await request.toArray()).toString());
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close().closeAllConnections());
  return Object.assign(page, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function visit(t: TestContext, { origin, done }: Page): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), "obsvty-browser-"));
  const flags = ["headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"];
  const quiet = ["disable-background-networking", "disable-component-update", "disable-sync"];
  const child = spawn(
    browser ?? "",
    [...flags, ...quiet].map((flag) => `--${flag}`).concat(`--user-data-dir=${profile}`, origin),
    { stdio: "ignore" },
  );
  const gone = new Promise((resolve) => child.once("close", resolve));
  t.after(async () => {
    child.kill();
    await gone;
    await rm(profile, { recursive: true, force: true, maxRetries: 20 });
  });
  return done;
}

test("a page of an allowed origin sends three signals with the official exporters", { skip }, async (t) => {
  const page = await servePage(t);
  const settings = { OTLP_HTTP_PORT: "0", CORS_ORIGINS: page.origin, INGEST_TOKEN: "secret" };
  const server = await startObsvty(t, { settings });
  // Neither header is a simple one, and the preflight itself carries no token.
  page.settings = { endpoint: server.httpUrl, headers: { authorization: "Bearer secret", "x-tenant": "1" } };
  assert.equal(await visit(t, page), '["fulfilled","fulfilled","fulfilled"]');
  const found = await query(server, "SearchSpans", { filter: { service: "web-shop" } });
  assert.deepEqual(
    found.spans.map(({ name }: { name: string }) => name),
    ["click buy"],
  );
  const { traces, logs, metrics } = await statsOf(server);
  assert.deepEqual([traces.accepted, logs.accepted, metrics.accepted], [1, 1, 1]);
  assert.deepEqual([traces.refused, logs.refused, metrics.refused], [0, 0, 0]);
});

test("a page of any other origin sends nothing", { skip }, async (t) => {
  const page = await servePage(t);
  const settings = { OTLP_HTTP_PORT: "0", CORS_ORIGINS: "https://shop.example" };
  const server = await startObsvty(t, { settings });
  page.settings = { endpoint: server.httpUrl, headers: { "x-tenant": "1" } };
  await visit(t, page);
  const { traces, logs, metrics } = await statsOf(server);
  assert.deepEqual([traces.accepted, logs.accepted, metrics.accepted], [0, 0, 0]);
});
