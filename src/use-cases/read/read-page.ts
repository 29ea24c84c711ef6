import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import type { AnswerPage, Show } from "./answer-page.ts";
import { ItemReading } from "./item-reading.ts";
import type { OrdinalWindow, PageEnd } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import type { SharedItems } from "./recent-items.ts";
import { walkOrdinals } from "./walk.ts";

/**
 * Fills a page with the items of a window that match, in the order of the window.
 * @param shared what is shared with other calls
 */
export async function readPage<Kind extends ItemKind, Value>(
  dependencies: ReadDependencies,
  plan: ItemPlan<Kind>,
  { from, to, order }: OrdinalWindow,
  page: AnswerPage<Value>,
  show: Show<ItemOf<Kind>, Value>,
  abort: AbortSignal | undefined,
  shared?: SharedItems,
): Promise<PageEnd> {
  const { signal, filter } = plan;
  const reading = new ItemReading(dependencies, plan, shared);
  const lost = await walkOrdinals(dependencies, { signal, filter, from, to, order, abort }, (ordinal) => {
    const shown = reading.shown(ordinal, show);
    return shown === undefined || page.add(ordinal, shown);
  });
  return { edge: page.edge, lost, unreadable: reading.unreadable };
}
