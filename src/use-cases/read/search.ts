import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { AnswerPage, type Show } from "./answer-page.ts";
import { boundsOf, type Page, type PageQuery, pageOf, windowOf } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { readPage } from "./read-page.ts";

export interface SearchQuery<Filter> extends PageQuery {
  /** @default matches everything */
  readonly filter?: Filter;
}

/**
 * A page of the items that match.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function search<Kind extends ItemKind, Value>(
  dependencies: ReadDependencies,
  plan: ItemPlan<Kind>,
  query: PageQuery,
  show: Show<ItemOf<Kind>, Value>,
): Promise<Page<Value>> {
  const bounds = boundsOf(query);
  const window = windowOf(dependencies, plan.signal, query);
  const page = new AnswerPage<Value>(bounds, window.order);
  const end = await readPage(dependencies, plan, window, page, show, query.abort);
  return pageOf(dependencies, window, page, end);
}
