import type { ItemFilter } from "../flags/filter-request.ts";
import { type MissedField, missedFields } from "../flags/flag-names.ts";
import { itemLines } from "../output/items.ts";
import type { CommandContext } from "./command-context.ts";
import { answerMs, within } from "./deadline.ts";
import { searchItems } from "./item-search.ts";

/**
 * Shows the item that came nearest to what was waited for: the newest that matches without the fields that it failed
 * on. The server's message names those and, like every error, nothing of the item.
 */
export async function sayNearestMiss(
  filter: ItemFilter,
  message: string,
  context: CommandContext,
): Promise<void> {
  const missed = missedFields(message);
  if (missed.length === 0) return;
  const newest = { limit: 1, after: "", before: "" };
  const items = await within(answerMs, context, (abort) =>
    searchItems(without(filter, missed), newest, context, abort),
  ).catch(() => ({}));
  const { output } = context;
  const { columns, nowMs } = output.view;
  const view = { nowMs, columns: columns - `obsvty: ${label}`.length, paint: plain };
  for (const line of itemLines(items, view)) {
    output.say(`${label}${line}`);
  }
}

const label = "the nearest: ";

/** The line goes to stderr, whatever stdout is. */
function plain(_style: unknown, text: string): string {
  return text;
}

function without({ case: kind, value }: ItemFilter, missed: readonly MissedField[]): ItemFilter {
  const names = new Set(missed.filter(({ key }) => key === undefined).map(({ field }) => field));
  const keys = new Set(missed.map(({ key }) => key));
  const fields = Object.entries(value).filter(([name]) => !names.has(name));
  const { attributes = {} } = value;
  const attributesLeft = Object.entries(attributes).filter(([key]) => !keys.has(key));
  return {
    case: kind,
    value: { ...Object.fromEntries(fields), attributes: Object.fromEntries(attributesLeft) },
  } as ItemFilter;
}
