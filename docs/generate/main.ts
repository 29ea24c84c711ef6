import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { performanceTables } from "./performance-tables.ts";
import { envExample, settingsTable } from "./settings-table.ts";
import { sizingTable } from "./sizing-table.ts";

/*
 * Writes the parts of the documentation that are told elsewhere: settings by the source, figures by results of
 * the benchmark. Run by `npm run generate:docs`; a test holds what is committed against it.
 */

/** The text of every generated file, by its path in the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/settings.md", withGeneratedPart("docs/settings.md", settingsTable())],
    ["docs/sizing.md", withGeneratedPart("docs/sizing.md", sizingTable())],
    ["docs/performance.md", withGeneratedPart("docs/performance.md", performanceTables())],
    [".env.example", envExample()],
  ]);
}

const begin = "<!-- begin of the generated part: npm run generate:docs -->";
const end = "<!-- end of the generated part -->";

function withGeneratedPart(page: string, part: string): string {
  const [before, rest] = readFileSync(pathOf(page), "utf8").split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) {
    throw new Error(`${page} must have the lines ${begin} and ${end}`);
  }
  return `${before}${begin}\n${part}\n${end}${after}`;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of generatedFiles()) writeFileSync(pathOf(file), text);
}
