import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pages, readPage, root } from "../support/docs/markdown.ts";

/** Folders of the repository that code spans name paths of. */
const ours = /^(?:src|test|proto|gen|docs|examples)\/[\w./-]+$/;

for (const page of pages()) {
  test(`every file and folder that ${page} names exists`, () => {
    const missing: string[] = [];
    // A bare file name is one beside the file named before.
    let folder = "";
    for (const [, code = ""] of readPage(page)
      .replace(/^```[\s\S]*?^```$/gm, "")
      .matchAll(/`([^`\n]+)`/g)) {
      const path = ours.test(code) ? code : /^[\w-]+\.ts$/.test(code) ? join(folder, code) : undefined;
      if (path === undefined) continue;
      folder = path.endsWith(".ts") ? dirname(path) : folder;
      if (!existsSync(join(root, path)) && !existsSync(join(root, "src", code))) missing.push(code);
    }
    assert.deepEqual(missing, []);
  });
}
