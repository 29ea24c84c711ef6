import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../src/testing/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
const texts = new Map(files.map((name) => [name, readFileSync(`${folder}${name}`, "utf8")]));

/** What the package exports of its own files, by name. */
const exported = Array.from(
  (texts.get("testing.ts") ?? "").matchAll(/export (type )?\{([^}]*)\} from "\.\/([\w-]+\.ts)"/g),
  ([, type, names = "", file = ""]) =>
    names.split(",").flatMap((entry) => {
      const name = entry.trim().replace(/^type /, "");
      return name === "" ? [] : [{ name, file, isType: type !== undefined || entry.includes("type ") }];
    }),
).flat();

test("every export of obsvty/testing is documented, and what a test calls or gives has an example", () => {
  const ofItems = new Set(["items.ts", "status.ts"]);
  for (const { name, file, isType } of exported) {
    const declared = new RegExp(
      `(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?export (?:async )?(?:function|const|interface|type) ${name}\\b`,
    );
    const match = declared.exec(texts.get(file) ?? "");
    assert.ok(match, `${name} is declared in ${file}`);
    const [, comment = ""] = match;
    if (ofItems.has(file)) continue;
    assert.notEqual(comment, "", `${name} has no comment`);
    if (!isType) assert.match(comment, /@example/, `${name} has no example`);
  }
  assert.ok(exported.length > 30);
});
