import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import type { Show } from "./answer-page.ts";
import type { Page, PageQuery } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { searchGroups } from "./search-groups.ts";

/** A page of the newest item, by arrival, of each series. */
export function searchLatest<Kind extends ItemKind, Value>(
  dependencies: ReadDependencies,
  plan: ItemPlan<Kind>,
  query: PageQuery,
  seriesKey: (item: ItemOf<Kind>) => string,
  show: Show<ItemOf<Kind>, Value>,
): Promise<Page<Value>> {
  return searchGroups<Kind, Value>(
    dependencies,
    plan,
    query,
    { groupKey: seriesKey },
    async (_groups, reading) => {
      return ({ ordinal }) => {
        const encoded = dependencies.store.read(plan.signal, ordinal);
        const item = encoded && reading.decode(encoded);
        return item && show(item);
      };
    },
  );
}
