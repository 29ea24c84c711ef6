import { allPages, type Page, type PageRequest } from "../api/pages.ts";
import type { ItemFilter } from "../flags/filter-request.ts";
import { printItems } from "../output/items.ts";
import type { CommandContext } from "./command-context.ts";
import { answerMs, within } from "./deadline.ts";

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

/** Searches items of one kind and prints them. */
export async function printSearch(
  filter: ItemFilter,
  asked: Asked & { readonly latest?: boolean },
  context: CommandContext,
): Promise<Found> {
  const { client, output } = context;
  switch (filter.case) {
    case "spans": {
      const { items, ...rest } = await searchAll(asked, context, async (page, abort) => {
        const answer = await client.searchSpans({ filter: filter.value, ...page }, { signal: abort });
        return { ...answer, items: answer.spans };
      });
      await printItems({ spans: items }, output);
      return { count: items.length, ...rest };
    }
    case "logs": {
      const { items, ...rest } = await searchAll(asked, context, async (page, abort) => {
        const answer = await client.searchLogs({ filter: filter.value, ...page }, { signal: abort });
        return { ...answer, items: answer.logs };
      });
      await printItems({ logs: items }, output);
      return { count: items.length, ...rest };
    }
    case "metrics": {
      const { latest = false } = asked;
      const { items, ...rest } = await searchAll(asked, context, async (page, abort) => {
        const answer = await client.searchMetrics(
          { filter: filter.value, latest, ...page },
          { signal: abort },
        );
        return { ...answer, items: answer.metrics };
      });
      await printItems({ metrics: items }, output);
      return { count: items.length, ...rest };
    }
  }
}
