import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseEnv } from "node:util";
import { generatedFiles } from "../../docs/generate/main.ts";
import { loadConfig } from "../../src/config/config.ts";
import { settings } from "../../src/config/settings.ts";

const committed = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

for (const [file, text] of generatedFiles()) {
  test(`${file} is what npm run generate:docs writes`, () => {
    assert.equal(committed(file), text);
  });
}

test("a server with .env.example as its .env runs with the defaults", () => {
  const env = parseEnv(committed(".env.example"));
  assert.deepEqual(Object.keys(env).sort(), Object.keys(settings).sort());
  const file = "/nonexistent/.env";
  assert.deepEqual(loadConfig({ env, file }), loadConfig({ env: {}, file }));
});
