import assert from "node:assert/strict";
import { before, test } from "node:test";
import { readBuiltPage } from "../../../src/adapters/inbound/web-page/built-page.ts";
import { buildPage } from "../../support/browser/page.ts";

/** What the list of traces and the waterfall need, compressed. */
const maxFirstLoadBytes = 80 * 1024;

before(buildPage);

test("the first load takes at most 80 KB", (t) => {
  const files = readBuiltPage() ?? new Map();
  const first = new Set(["/"]);
  // What a file of the first load names as its own needs comes too. `import(` brings others only later.
  for (const path of first) {
    const text = files.get(path)?.bodies.identity.toString("latin1") ?? "";
    const needs = path === "/" ? /(?:src|href)="\.([^"]+)"/g : /(?:import|from)\s*"\.([^"]+)"/g;
    for (const [, name = ""] of text.matchAll(needs)) first.add(path === "/" ? name : `/assets${name}`);
  }
  const bodies = [...first].map((path) => files.get(path)?.bodies);
  assert.ok(bodies.length > 2 && bodies.every((body) => body !== undefined), [...first].join());
  assert.ok(bodies.length < files.size);
  const sum = (coding: "br" | "gzip") => bodies.reduce((bytes, body) => bytes + body[coding].length, 0);
  t.diagnostic(`${sum("br")} bytes with brotli, ${sum("gzip")} with gzip`);
  assert.ok(sum("gzip") <= maxFirstLoadBytes, String(sum("gzip")));
});
