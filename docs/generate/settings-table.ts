import type { Setting } from "../../src/config/setting-kinds.ts";
import { settings } from "../../src/config/settings.ts";
import { markdownTable } from "./markdown-table.ts";

const rows: readonly (readonly [key: string, setting: Setting<unknown>])[] = Object.entries(settings);

/** Every setting with its default, what is allowed and what it means. */
export function settingsTable(): string {
  return markdownTable(
    ["key", "default", "allowed", "meaning"],
    rows.map(([key, setting]) => [`\`${key}\``, defaultOf(setting), setting.allowed, setting.meaning]),
  );
}

/** A `.env` that sets every setting to its default. */
export function envExample(): string {
  const entries = rows.map(([key, setting]) => {
    const { default: fallback, allowed, meaning } = setting;
    const about = `# ${sentence(meaning)} Allowed: ${allowed}.`;
    // A value that is set does not follow from anything.
    return isFixed(setting)
      ? `${about}\n${key}=${fallback}\n`
      : `${about} Unset: ${plain(defaultOf(setting))}.\n${key}=\n`;
  });
  const intro =
    "# Copy this file to .env and change what you need. Everything is optional; these are the defaults.";
  return [`${intro}\n`, ...entries].join("\n");
}

function isFixed({ shrinks, derived }: Setting<unknown>): boolean {
  return shrinks === undefined && derived === undefined;
}

function defaultOf({ default: fallback, shrinks, derived }: Setting<unknown>): string {
  if (fallback === "") return derived ?? "none";
  // `docs/sizing.md` has the formula.
  const less = shrinks === undefined ? "" : `, down to ${shrinks.least} where memory is short`;
  return `\`${fallback}\`${less}`;
}

/** From a table's cell to a comment in plain text. */
function sentence(meaning: string): string {
  return plain(`${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`);
}

function plain(markdown: string): string {
  return markdown.replaceAll("`", "");
}
