import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { performanceTables } from "../../docs/generate/performance-tables.ts";

const kept = new URL("../bench/results/", import.meta.url);

/** A folder with these files, and the kept results of the benchmark. */
function folderWith(t: TestContext, files: Readonly<Record<string, unknown>>): URL {
  const folder = mkdtempSync(join(tmpdir(), "obsvty-results-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of readdirSync(kept)) copyFileSync(new URL(name, kept), join(folder, name));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), JSON.stringify(content));
  }
  return pathToFileURL(`${folder}/`);
}

test("the tables of docs/performance.md skip files beside the benchmark's results, newer ones too", (t) => {
  const folder = folderWith(t, {
    "2099-01-01.json": { machine: {}, figures: [] },
    "2099-01-01-read.json": [1, 2],
    "2099-01-02.json": null,
    "notes.json": {},
  });
  assert.equal(performanceTables(folder), performanceTables());
});

test("a result that names an unknown server is shown with the name as it is", (t) => {
  const cases = [{ contender: "a server of old", payload: "1 span", cpuMicrosPerRequest: 12 }];
  const machine = { packages: {} };
  const folder = folderWith(t, {
    "2099-01-01.json": {
      machine,
      rounds: 3,
      processes: 2,
      cases,
      residentBytes: { "a server of old": { atStart: 0, peak: 2 ** 20, afterwards: 0 } },
    },
  });
  assert.match(performanceTables(folder), /^\| a server of old \| 12\.0 \|/m);
  assert.match(performanceTables(folder), /Medians of 3 rounds with 2 processes of each server\./);
});
