import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readPage, root } from "../support/docs/markdown.ts";

const { dependencies, devDependencies, scripts } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

test("CONTRIBUTING gives a reason for each package that is needed at run time, and for no other", () => {
  const [, section = ""] = readPage("CONTRIBUTING.md").split("\n## Dependencies\n");
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  assert.deepEqual(named.sort(), Object.keys(dependencies).sort());
});

test("every dependency is pinned to an exact version", () => {
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  );
  assert.deepEqual(loose, []);
});

test("the build leaves every package outside of its bundle that is installed with it, and no other", () => {
  const outside = Array.from(scripts.build?.matchAll(/--external:([^\s']+)/g) ?? [], ([, name = ""]) => name);
  const scopeOf = (name: string) => name.replace(/(?<=^@[^/]+\/).*/, "*");
  assert.deepEqual(outside.sort(), [...new Set(Object.keys(dependencies).map(scopeOf))].sort());
});
