import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { AnswerPage, type Shown } from "./answer-page.ts";
import { forEachInSteps } from "./in-steps.ts";
import { ItemReading } from "./item-reading.ts";
import { boundsOf, type Page, type PageQuery, type PageWindow, pageOf, windowOf } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { walk } from "./walk.ts";

/** Items that belong together: the spans of a trace, the points of a series. */
export interface Group {
  readonly key: string;
  /** The ordinal of its newest item that matches, by which groups are ordered. */
  readonly ordinal: number;
}

/** Makes of each group what stands in the answer; undefined leaves the group out. */
export type ShowGroups<Kind extends ItemKind, Value> = (
  groups: readonly Group[],
  reading: ItemReading<Kind>,
) => Promise<(group: Group) => Shown<Value> | undefined>;

/**
 * A page of groups of which an item matches, in order of the newest item that does. Of the groups no more is
 * held than key and ordinal until it is known which ones the page can have.
 * @param groupKey short, as one is held for each group
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function searchGroups<Kind extends ItemKind, Value>(
  dependencies: ReadDependencies,
  plan: ItemPlan<Kind>,
  query: PageQuery,
  groupKey: (item: ItemOf<Kind>) => string,
  showGroups: ShowGroups<Kind, Value>,
): Promise<Page<Value>> {
  const bounds = boundsOf(query);
  const window = windowOf(dependencies, plan.signal, query);
  const page = new AnswerPage<Value>(bounds, window.order);
  const reading = new ItemReading(dependencies, plan);
  const { groups, lost, edge } = await findGroups(dependencies, plan, window, query, bounds.maxItems, {
    reading,
    groupKey,
  });
  if (groups.length > 0) {
    const show = await showGroups(groups, reading);
    await forEachInSteps(dependencies, groups, query.abort, (group) => {
      const { ordinal } = group;
      const shown = reading.attempt(ordinal, () => show(group));
      if (shown !== undefined) return page.add(ordinal, shown);
      // It may have been evicted since it was found.
      if (ordinal < dependencies.store.range(plan.signal).first)
        lost.push({ from: ordinal, to: ordinal + 1 });
      return true;
    });
  }
  return pageOf(dependencies, window, page, {
    edge: page.edge ?? edge,
    lost,
    unreadable: reading.unreadable,
  });
}

/** The groups of a window in its order, as many as the page may have at most. */
export async function findGroups<Kind extends ItemKind>(
  dependencies: ReadDependencies,
  { signal, filter }: ItemPlan<Kind>,
  { from, to, order }: PageWindow,
  { abort }: Pick<PageQuery, "abort">,
  maxGroups: number,
  {
    reading,
    groupKey,
  }: { readonly reading: ItemReading<Kind>; readonly groupKey: (item: ItemOf<Kind>) => string },
) {
  const isForward = order === "oldest";
  const seen = new Set<string>();
  const groups: Group[] = [];
  // Items that are newer than the window are looked at too: a group that has one is not in the window.
  const { next } = dependencies.store.range(signal);
  const lost = await walk(
    dependencies,
    { signal, filter, from, to: next, order: "newest", abort },
    (encoded) => {
      const item = reading.decode(encoded);
      if (item === undefined || !reading.matches(item)) return true;
      const key = groupKey(item);
      if (seen.has(key)) return true;
      seen.add(key);
      if (encoded.ordinal < to) groups.push({ key, ordinal: encoded.ordinal });
      // The oldest groups are known only when all items have been looked at.
      return isForward || groups.length < maxGroups;
    },
  );
  if (isForward) groups.reverse();
  const isCut = isForward ? groups.length > maxGroups : groups.length >= maxGroups;
  groups.length = Math.min(groups.length, maxGroups);
  const last = groups.at(-1)?.ordinal;
  const edge = isCut && last !== undefined ? (isForward ? last + 1 : last) : undefined;
  return { groups, lost, edge };
}
