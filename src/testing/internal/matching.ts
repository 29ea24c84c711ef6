import type { ItemKind } from "../../domain/item-kind.ts";
import { planOf } from "../../use-cases/filter/item-plan.ts";
import type { Filters } from "../filters.ts";
import type { Items } from "../items.ts";
import type { Receiver } from "../receiver.ts";
import { decodedItem, shownBefore } from "./item-json.ts";
import { parseFilter } from "./parse-filter.ts";

/**
 * The items of a list that match.
 * @throws TypeError when one of them was not made by a receiver
 */
export function matching<Kind extends ItemKind>(
  kind: Kind,
  items: readonly Items[Kind][],
  filter: Filters[Kind],
): Items[Kind][] {
  const { filter: domain, also } = parseFilter(kind, filter, shownBefore);
  const { matches } = planOf(kind, domain, also);
  return items.filter((shown) => {
    const item = decodedItem(kind, shown);
    if (item === undefined)
      throw new TypeError(`the list must hold ${kind} that a receiver returned, not copies`);
    return matches?.(item) !== false;
  });
}

/** `Array.isArray` does not narrow readonly arrays. */
export function isList<Element>(from: Receiver | readonly Element[]): from is readonly Element[] {
  return Array.isArray(from);
}
