import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import type { AnswerPage, Show } from "./answer-page.ts";
import type { PageEnd, PageWindow } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { ItemReading } from "./unreadable-items.ts";
import { walk } from "./walk.ts";

/** Fills a page with the items of a window that match, in the order of the window. */
export async function readPage<Kind extends ItemKind, Value>(
  dependencies: ReadDependencies,
  plan: ItemPlan<Kind>,
  { from, to, order }: Omit<PageWindow, "signal">,
  page: AnswerPage<Value>,
  show: Show<ItemOf<Kind>, Value>,
  abort: AbortSignal | undefined,
): Promise<PageEnd> {
  const { signal, criteria, matches } = plan;
  const reading = new ItemReading(dependencies.unreadable, plan);
  const lost = await walk(dependencies, { signal, criteria, from, to, order, abort }, (encoded) => {
    const item = reading.decode(encoded);
    if (item === undefined || matches?.(item) === false) return true;
    const shown = reading.attempt(encoded.ordinal, () => show(item));
    return shown === undefined || page.add(encoded.ordinal, shown);
  });
  return { edge: page.edge, lost, unreadable: reading.unreadable };
}
