import assert from "node:assert/strict";
import { before, test } from "node:test";
import { readBuiltPage } from "../../../src/adapters/inbound/web-page/built-page.ts";
import { buildPage } from "../../support/browser/page.ts";

/** What the list of traces and the waterfall need, compressed. */
const maxFirstLoadBytes = 80 * 1024;

before(buildPage);

test("the first load takes at most 80 KB", (t) => {
  const files = [...(readBuiltPage()?.values() ?? [])];
  const bytes = files.reduce((sum, { bodies }) => sum + bodies.br.length, 0);
  const zipped = files.reduce((sum, { bodies }) => sum + bodies.gzip.length, 0);
  t.diagnostic(`${bytes} bytes with brotli, ${zipped} with gzip`);
  assert.ok(files.some(({ path }) => path === "/"));
  assert.ok(zipped <= maxFirstLoadBytes, String(zipped));
});
