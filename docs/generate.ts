import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Setting } from "../src/config/setting-kinds.ts";
import { settings } from "../src/config/settings.ts";

/*
 * Writes what the documentation tells of the settings, from the settings themselves. Run by `npm run
 * generate:docs`; a test holds what is committed against it.
 */

const rows: readonly (readonly [key: string, setting: Setting<unknown>])[] = Object.entries(settings);

/** Every generated file, by its path in the repository, as it must be. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/settings.md", withTable(readFileSync(pathOf("docs/settings.md"), "utf8"))],
    [".env.example", envExample()],
  ]);
}

const begin = "<!-- begin of the generated table: npm run generate:docs -->";
const end = "<!-- end of the generated table -->";

function withTable(page: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) {
    throw new Error(`docs/settings.md must have the lines ${begin} and ${end}`);
  }
  return `${before}${begin}\n${settingsTable()}\n${end}${after}`;
}

function settingsTable(): string {
  return [
    "| key | default | allowed | meaning |",
    "| --- | --- | --- | --- |",
    ...rows.map(([key, { default: fallback, allowed, meaning }]) => {
      const shown = fallback === "" ? "none" : `\`${fallback}\``;
      return `| \`${key}\` | ${shown} | ${allowed} | ${meaning} |`;
    }),
  ].join("\n");
}

function envExample(): string {
  const entries = rows.map(
    ([key, { default: fallback, allowed, meaning }]) =>
      `# ${sentence(meaning)} Allowed: ${allowed}.\n${key}=${fallback}\n`,
  );
  const intro =
    "# Copy this file to .env and change what you need. Everything is optional; these are the defaults.";
  return [`${intro}\n`, ...entries].join("\n");
}

/** From a table's cell to a comment in plain text. */
function sentence(meaning: string): string {
  return `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`.replaceAll("`", "");
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}

if (import.meta.main) {
  for (const [file, text] of generatedFiles()) writeFileSync(pathOf(file), text);
}
