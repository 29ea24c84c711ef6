import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the single executable has the page and every WebAssembly module of gen in itself, by its name", () => {
  const { assets } = JSON.parse(readFileSync(`${root}/sea-config.json`, "utf8"));
  const modules = readdirSync(`${root}/gen`).filter((name) => name.endsWith(".wasm"));
  const embedded = modules.map((name) => [name, `gen/${name}`]);
  assert.deepEqual(assets, {
    "package.json": "package.json",
    "page.json": "build/page.json",
    ...Object.fromEntries(embedded),
  });
});
