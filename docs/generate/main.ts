import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { forwardTables } from "./forward-tables.ts";
import { performanceTables } from "./performance-tables.ts";
import { readTable } from "./read-table.ts";
import { sdkTable } from "./sdk-table.ts";
import { envExample, settingsTable } from "./settings-table.ts";
import { sizingTable } from "./sizing-table.ts";

/*
 * Writes the parts of the documentation that are told elsewhere: settings by the source, figures by results of
 * the benchmark, what SDKs do by results of the interop run. Run by `npm run generate:docs`; a test holds what is committed against it.
 */

/** The text of every generated file, by its path in the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/settings.md", withGeneratedParts("docs/settings.md", settingsTable())],
    ["docs/sizing.md", withGeneratedParts("docs/sizing.md", sizingTable())],
    ["docs/sdks.md", withGeneratedParts("docs/sdks.md", sdkTable())],
    [
      "docs/performance.md",
      withGeneratedParts("docs/performance.md", performanceTables(), readTable(), forwardTables()),
    ],
    [".env.example", envExample()],
  ]);
}

const begin = "<!-- begin of the generated part: npm run generate:docs -->";
const end = "<!-- end of the generated part -->";

function withGeneratedParts(page: string, ...parts: readonly string[]): string {
  const [before, ...rest] = readFileSync(pathOf(page), "utf8").split(begin);
  const after = rest.map((text) => text.split(end)[1]);
  if (after.length !== parts.length || after.includes(undefined)) {
    throw new Error(`${page} must have ${parts.length} times the lines ${begin} and ${end}`);
  }
  return `${before}${parts.map((part, i) => `${begin}\n${part}\n${end}${after[i]}`).join("")}`;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of generatedFiles()) writeFileSync(pathOf(file), text);
}
