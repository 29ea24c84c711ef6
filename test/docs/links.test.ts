import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { anchorsOf, linksOf, pages, readPage, root } from "../support/docs/markdown.ts";

for (const page of pages()) {
  test(`every link of ${page} into the repository leads to a file and a heading that exist`, () => {
    const dead = linksOf(readPage(page))
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [file = "", anchor] = target.split("#");
        const path = file === "" ? page : normalize(join(dirname(page), file));
        if (path.startsWith("..") || !existsSync(join(root, path))) return true;
        return anchor !== undefined && !anchorsOf(readPage(path)).includes(anchor);
      });
    assert.deepEqual(dead, []);
  });
}

test("the README leads to every page of docs", () => {
  const reached = linksOf(readPage("README.md"));
  const missing = pages().filter((page) => page.startsWith("docs/") && !reached.includes(page));
  assert.deepEqual(missing, []);
});
