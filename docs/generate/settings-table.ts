import type { Setting } from "../../src/config/setting-kinds.ts";
import { settings } from "../../src/config/settings.ts";
import { markdownTable } from "./markdown-table.ts";

const rows: readonly (readonly [key: string, setting: Setting<unknown>])[] = Object.entries(settings);

/** Every setting with its default, what is allowed and what it means. */
export function settingsTable(): string {
  return markdownTable(
    ["key", "default", "allowed", "meaning"],
    rows.map(([key, { default: fallback, shrinks, allowed, meaning }]) => [
      `\`${key}\``,
      fallback === "" ? "none" : `\`${fallback}\`${shrinks === undefined ? "" : `, ${less(shrinks)}`}`,
      allowed,
      meaning,
    ]),
  );
}

/** A `.env` that sets every setting to its default. */
export function envExample(): string {
  const entries = rows.map(([key, { default: fallback, shrinks, allowed, meaning }]) =>
    // A value that is set does not shrink.
    shrinks === undefined
      ? `# ${sentence(meaning)} Allowed: ${allowed}.\n${key}=${fallback}\n`
      : `# ${sentence(meaning)} Allowed: ${allowed}. Unset: ${fallback}, ${less(shrinks)}.\n${key}=\n`,
  );
  const intro =
    "# Copy this file to .env and change what you need. Everything is optional; these are the defaults.";
  return [`${intro}\n`, ...entries].join("\n");
}

/** What a default becomes where it does not fit; `docs/sizing.md` has the formula. */
function less({ least }: { readonly least: number }): string {
  return `down to ${least} where memory is short`;
}

/** From a table's cell to a comment in plain text. */
function sentence(meaning: string): string {
  return `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`.replaceAll("`", "");
}
