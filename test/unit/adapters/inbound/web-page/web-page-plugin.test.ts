import assert from "node:assert/strict";
import { test } from "node:test";
import { fastify } from "fastify";
import type { PageFile } from "../../../../../src/adapters/inbound/web-page/built-page.ts";
import { webPagePlugin } from "../../../../../src/adapters/inbound/web-page/web-page-plugin.ts";

const file = (path: string, type: string): PageFile => ({
  path,
  type,
  hash: "abc",
  bodies: { br: Buffer.from("as br"), gzip: Buffer.from("as gzip"), identity: Buffer.from("as it is") },
});
const built = new Map([
  ["/", file("/", "text/html; charset=utf-8")],
  ["/assets/index-1.js", file("/assets/index-1.js", "text/javascript; charset=utf-8")],
]);

async function pageOf(read: () => ReadonlyMap<string, PageFile> | undefined) {
  const app = fastify();
  await app.register(webPagePlugin, { read });
  return (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
}

test("the web page is asked for anew each time, and its files with a hash are kept for a year", async () => {
  const get = await pageOf(() => built);
  const page = await get("/");
  assert.equal(page.statusCode, 200);
  assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
  assert.equal(page.headers["cache-control"], "no-cache");
  const script = await get("/assets/index-1.js");
  assert.equal(script.headers["cache-control"], "public, max-age=31536000, immutable");
});

test("each answer of the web page forbids what comes from elsewhere, what is inline, and guesses of its type", async () => {
  const get = await pageOf(() => built);
  for (const url of ["/", "/assets/index-1.js", "/assets/none.js"]) {
    const { headers } = await get(url);
    const policy = String(headers["content-security-policy"]);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self';",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      assert.ok(policy.includes(rule), `${url}: ${rule}`);
    }
    assert.doesNotMatch(policy, /unsafe|data:|\*/);
    assert.equal(headers["x-content-type-options"], "nosniff");
  }
});

test("the web page is sent in the smallest encoding that the caller takes", async () => {
  const get = await pageOf(() => built);
  const cases = [
    ["gzip, deflate, br", "br", "as br"],
    ["gzip;q=0.5, br;q=0", "gzip", "as gzip"],
    ["identity", undefined, "as it is"],
    ["", undefined, "as it is"],
  ] as const;
  for (const [accepted, encoding, body] of cases) {
    const reply = await get("/", { "accept-encoding": accepted });
    assert.equal(reply.headers["content-encoding"], encoding, accepted);
    assert.equal(reply.body, body, accepted);
    assert.equal(reply.headers.vary, "accept-encoding");
  }
});

test("a web page that the browser has already is not sent again", async () => {
  const get = await pageOf(() => built);
  const { etag } = (await get("/", { "accept-encoding": "br" })).headers;
  const again = await get("/", { "accept-encoding": "br", "if-none-match": String(etag) });
  assert.deepEqual([again.statusCode, again.body], [304, ""]);
  for (const tags of [`W/${etag}`, `"other", ${etag}`, `"other",W/${etag}`, "*"]) {
    const same = await get("/", { "accept-encoding": "br", "if-none-match": tags });
    assert.equal(same.statusCode, 304, tags);
  }
  const other = await get("/", { "accept-encoding": "gzip", "if-none-match": String(etag) });
  assert.equal(other.statusCode, 200);
});

test("when the web page was not built, the answer says what to run, and it is shown once it is built", async () => {
  let found: typeof built | undefined;
  const get = await pageOf(() => found);
  const reply = await get("/");
  assert.equal(reply.statusCode, 404);
  assert.match(reply.body, /npm install && npm run build/);
  assert.match(String(reply.headers["content-type"]), /^text\/plain/);
  found = built;
  assert.equal((await get("/")).statusCode, 200);
});

test("a file of the web page that is not of this build is not found, and never kept", async () => {
  const get = await pageOf(() => built);
  const reply = await get("/assets/index-0.js");
  assert.equal(reply.statusCode, 404);
  assert.equal(reply.headers["cache-control"], "no-store");
});
