import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import * as testing from "../../src/testing/testing.ts";
import { fencesOf, readPage, root } from "../support/docs/markdown.ts";

const run = promisify(execFile);
const page = "docs/testing.md";
const samples = fencesOf(readPage(page)).filter(({ language }) => language === "js" || language === "ts");

/** Where packages of the repository are found. */
const cache = join(root, "node_modules/.cache");

describe(`samples of ${page}`, () => {
  let folder: string;
  before(() => {
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "samples-"));
    copyFileSync(join(root, "test/support/docs/shop.js"), join(folder, "shop.js"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const { language, text, line } of samples) {
    test(`the sample of ${page} in line ${line} imports what there is`, () => {
      const [, names = ""] = /import \{([^}]*)\} from "obsvty\/testing"/.exec(text) ?? [];
      const values = names.split(",").map((name) => name.trim());
      const missing = values.filter((name) => !name.startsWith("type ") && !Object.hasOwn(testing, name));
      assert.deepEqual(missing, []);
    });
    // Vitest and Jest are no dependencies of the project.
    if (language !== "js") continue;
    test(`the sample of ${page} in line ${line} passes`, async () => {
      const source = new URL("../../src/testing/testing.ts", import.meta.url).href;
      const file = join(folder, `line-${line}.test.js`);
      writeFileSync(file, text.replace('"obsvty/testing"', JSON.stringify(source)));
      const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
      const args = ["--test", "--test-reporter=tap", "--test-timeout=60000", file];
      const { stdout } = await run(process.execPath, args, { cwd: root, env }).catch(({ stdout }) =>
        assert.fail(stdout),
      );
      assert.match(stdout, /^# pass 1$/m);
    });
  }
});
