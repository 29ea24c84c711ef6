import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { withinLimits } from "./limits.ts";
import { ordinalAfter, type ReadDependencies } from "./read-dependencies.ts";
import { walk } from "./walk.ts";

export interface SearchQuery<Filter> {
  /** @default matches everything */
  readonly filter?: Filter;
  /** @default `readLimits.limit` */
  readonly limit?: number;
  /** A cursor. Without one: the newest `limit` matches. With one: the oldest `limit` after it. */
  readonly after?: string | undefined;
  /** Stops the search with the reason of the signal. */
  readonly abort?: AbortSignal | undefined;
}

export interface SearchResult<Item> {
  /** The newest last: in order of arrival. */
  readonly items: readonly Item[];
  /** To go on from: after it comes what this search did not look at. */
  readonly cursor: string;
  /** How many items after `after`, matching or not, were evicted before they could be read. */
  readonly missed: number;
}

/**
 * @param groupKey given to have only the newest item of each group
 * @throws ObsvtyError invalid-argument that names `limit` or `after`
 */
export async function search<Kind extends ItemKind>(
  dependencies: ReadDependencies,
  { signal, criteria, decode, matches }: ItemPlan<Kind>,
  { limit: askedLimit, after, abort }: SearchQuery<unknown>,
  groupKey?: (item: ItemOf<Kind>) => string,
): Promise<SearchResult<ItemOf<Kind>>> {
  const { store, cursors, cleared } = dependencies;
  const limit = withinLimits("limit", askedLimit);
  const held = store.range(signal);
  const from = after === undefined ? held.first : ordinalAfter(dependencies, signal, after);

  const items: ItemOf<Kind>[] = [];
  const groups = new Set<string>();
  // The oldest of the newest of each group are known only when all groups are.
  const walkLimit = groupKey !== undefined && after !== undefined ? Number.POSITIVE_INFINITY : limit;
  const order = groupKey !== undefined || after === undefined ? "newest" : "oldest";
  const lost = await walk(
    dependencies,
    { signal, criteria, from, to: held.next, order, abort },
    (encoded) => {
      const item = decode(encoded);
      if ((matches === undefined || matches(item)) && isFirstOfGroup(groups, groupKey?.(item))) {
        items.push(item);
      }
      return items.length < walkLimit;
    },
  );
  if (order === "newest") {
    items.reverse();
  }
  if (after === undefined) {
    return { items, cursor: cursors.encode({ [signal]: held.next }), missed: 0 };
  }
  const isCut = items.length >= limit;
  items.length = Math.min(items.length, limit);
  const next = isCut ? (items.at(-1)?.ordinal ?? from) + 1 : held.next;
  return {
    items,
    cursor: cursors.encode({ [signal]: next }),
    missed: cleared[signal].countEvicted(lost, next),
  };
}

function isFirstOfGroup(groups: Set<string>, key: string | undefined): boolean {
  if (key === undefined) {
    return true;
  }
  if (groups.has(key)) {
    return false;
  }
  groups.add(key);
  return true;
}
