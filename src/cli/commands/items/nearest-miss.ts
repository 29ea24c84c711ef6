import { type DescMessage, toJson } from "@bufbuild/protobuf";
import { itemSchemas } from "../../../api/item-schemas.ts";
import { apiJsonWriteOptions } from "../../../api/json-options.ts";
import type { ItemFilter } from "../../flags/filter-request.ts";
import { missedFields, type NamedField } from "../../flags/flag-names.ts";
import { foundValue } from "../../output/found-value.ts";
import { type Item, itemLines } from "../../output/items.ts";
import { truncate } from "../../output/visible.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { searchItems } from "./item-search.ts";

/**
 * Shows the item that came nearest to what was waited for, and what it has in place of what was asked: the newest that
 * matches without the fields that it failed on, and not with them. The server's message names those and, like every
 * error, nothing of the item.
 * @param nameOf names a field as the person gave it
 */
export async function sayNearestMiss(
  filter: ItemFilter,
  message: string,
  nameOf: (field: NamedField) => string,
  context: CommandContext,
): Promise<void> {
  const missed = missedFields(message);
  if (missed.length === 0) return;
  const search = async (which: ItemFilter) => {
    const newest = { limit: maxLookedAt, after: "", before: "" };
    const answer = await within(answerMs, context, (abort) => searchItems(which, newest, context, abort));
    return (answer[which.case] ?? []) as readonly Item[];
  };
  const [near, matched] = await Promise.all([search(without(filter, missed)), search(filter)]).catch(() => [
    [],
    [],
  ]);
  const cursors = new Set(matched.map(({ cursor }) => cursor));
  const item = near.findLast(({ cursor }) => !cursors.has(cursor));
  if (item === undefined) return;
  const { output } = context;
  for (const field of missed) {
    const text = foundText(field, item, filter);
    if (text !== undefined) output.say(`${nameOf(field)}: ${text}`);
  }
  const { columns, nowMs } = output.view;
  const view = { nowMs, columns: columns - `obsvty: ${label}`.length, paint: plain };
  for (const line of itemLines({ [filter.case]: [item] }, view)) {
    output.say(`${label}${line}`);
  }
}

/** As many of the newest as match cannot be more among those that come near. */
const maxLookedAt = 100;
const label = "the nearest: ";
const maxValueColumns = 120;

/** Undefined where the field looks at more than one value. */
function foundText({ field, key }: NamedField, item: Item, { case: kind }: ItemFilter): string | undefined {
  if (field === "where" || field === "textContains") return undefined;
  const json = toJson(itemSchemas[kind] as DescMessage, item, apiJsonWriteOptions) as object;
  const found = foundValue(field, key, json);
  return found === undefined ? "it has none" : `it is ${truncate(JSON.stringify(found), maxValueColumns)}`;
}

/** The line goes to stderr, whatever stdout is. */
function plain(_style: unknown, text: string): string {
  return text;
}

function without({ case: kind, value }: ItemFilter, missed: readonly NamedField[]): ItemFilter {
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
