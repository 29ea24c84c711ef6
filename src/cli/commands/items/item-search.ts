import { allPages, type Page, type PageRequest } from "../../api/pages.ts";
import type { ItemFilter } from "../../flags/filter-request.ts";
import { type Item, type ItemLists, printItems } from "../../output/items.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";

export interface Asked {
  readonly limit: number;
  readonly after: string;
}

/** The result of a search, without the items. */
export interface Found {
  readonly count: number;
  readonly cursor: string;
  readonly missed: bigint;
  readonly unreadable: bigint;
}

/** Reads the pages of a search, with a deadline for each. */
export async function searchAll<Item>(
  asked: Asked,
  context: CommandContext,
  read: (page: PageRequest, abort: AbortSignal) => Promise<Page<Item>>,
) {
  return allPages(asked, (page) => within(answerMs, context, (abort) => read(page, abort)));
}

/** A page of items of one kind, in the list of their name. */
export async function searchItems(
  filter: ItemFilter,
  page: PageRequest & { readonly latest?: boolean },
  { client }: Pick<CommandContext, "client">,
  abort: AbortSignal,
): Promise<ItemLists & Omit<Page<never>, "items">> {
  const { latest = false, ...rest } = page;
  switch (filter.case) {
    case "spans":
      return client.searchSpans({ filter: filter.value, ...rest }, { signal: abort });
    case "logs":
      return client.searchLogs({ filter: filter.value, ...rest }, { signal: abort });
    case "metrics":
      return client.searchMetrics({ filter: filter.value, latest, ...rest }, { signal: abort });
  }
}

/** Searches items of one kind and prints them. */
export async function printSearch(
  filter: ItemFilter,
  { latest = false, ...asked }: Asked & { readonly latest?: boolean },
  context: CommandContext,
): Promise<Found> {
  const { items, ...rest } = await searchAll(asked, context, async (page, abort) => {
    const answer = await searchItems(filter, { ...page, latest }, context, abort);
    return { ...answer, items: (answer[filter.case] ?? []) as readonly Item[] };
  });
  await printItems({ [filter.case]: items }, context.output);
  return { count: items.length, ...rest };
}
