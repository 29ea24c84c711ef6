import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { AnswerPage, type Shown } from "./answer-page.ts";
import type { LostRange } from "./cleared-ranges.ts";
import { forEachInSteps } from "./in-steps.ts";
import { ItemReading } from "./item-reading.ts";
import { LargeSet } from "./large-set.ts";
import { boundsOf, type OrdinalWindow, type Page, type PageQuery, pageOf, windowOf } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { walkViews } from "./walk.ts";

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

/** In which group an item is. A key is short, as one is held for each group. */
export interface Grouping<Kind extends ItemKind> {
  readonly groupKey: (item: ItemOf<Kind>) => string;
  /** The same of an item that is not decoded, where that takes less: items of groups that are known are skipped by it. */
  readonly encodedKey?: (encoded: EncodedItem) => string;
}

/** Answers the keys of those groups that no answer may have. */
export type LeaveOut<Kind extends ItemKind> = (
  groups: readonly Group[],
  reading: ItemReading<Kind>,
) => Promise<ReadonlySet<string>>;

/**
 * A page of groups of which an item matches, in order of the newest item that does. Of the groups no more is
 * held than key and ordinal until it is known which ones the page can have.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function searchGroups<Kind extends ItemKind, Value>(
  dependencies: ReadDependencies,
  plan: ItemPlan<Kind>,
  query: PageQuery,
  grouping: Grouping<Kind>,
  showGroups: ShowGroups<Kind, Value>,
  leaveOut?: LeaveOut<Kind>,
): Promise<Page<Value>> {
  const bounds = boundsOf(query);
  const window = windowOf(dependencies, plan.signal, query);
  const page = new AnswerPage<Value>(bounds, window.order);
  const reading = new ItemReading(dependencies, plan);
  const { groups, lost, edge } = await findGroups(dependencies, plan, window, query, bounds.maxItems, {
    reading,
    leaveOut,
    ...grouping,
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

/**
 * How many groups are asked about at a time, whether they have to be left out: at first, and at most, as the items of all
 * of them are looked for at once.
 */
const askedAtFirst = 64;
const askedAtMost = 4_096;

/** The groups of a window in its order, as many as the page may have at most. */
export async function findGroups<Kind extends ItemKind>(
  dependencies: ReadDependencies,
  { signal, filter, matches }: ItemPlan<Kind>,
  { from, to, order }: OrdinalWindow,
  { abort }: Pick<PageQuery, "abort">,
  maxGroups: number,
  {
    reading,
    groupKey,
    encodedKey,
    leaveOut,
  }: Grouping<Kind> & { readonly reading: ItemReading<Kind>; readonly leaveOut?: LeaveOut<Kind> | undefined },
) {
  const isForward = order === "oldest";
  const seen = new LargeSet();
  const lost: LostRange[] = [];
  // Items that are newer than the window are looked at too: a group that has one is not in the window.
  let end = dependencies.store.range(signal).next;
  /** The group of an item that matches, unless it is known. */
  const newKeyOf = (encoded: EncodedItem): string | undefined => {
    const early = encodedKey?.(encoded);
    if (early !== undefined && (matches === undefined || seen.has(early))) {
      return seen.has(early) ? undefined : early;
    }
    const item = reading.read(encoded.ordinal);
    if (item === undefined || !reading.matches(item)) return undefined;
    const key = groupKey(item);
    return seen.has(key) ? undefined : key;
  };
  /** Groups that were not found yet, the newest first: so many, or fewer when there are no others. */
  const nextGroups = async (most: number): Promise<Group[]> => {
    const found: Group[] = [];
    const window = { signal, filter, from, to: end, order: "newest", abort } as const;
    const lostHere = await walkViews(dependencies, window, (encoded) => {
      const { ordinal } = encoded;
      const key = newKeyOf(encoded);
      if (key === undefined) return true;
      seen.add(key);
      if (ordinal < to) found.push({ key, ordinal });
      if (found.length < most) return true;
      end = ordinal;
      return false;
    });
    lost.push(...lostHere);
    return found;
  };
  const withoutLeftOut = async (found: readonly Group[]) => {
    const keys = await leaveOut?.(found, reading);
    return keys === undefined ? found : found.filter(({ key }) => !keys.has(key));
  };

  const groups: Group[] = [];
  if (isForward) {
    // The oldest groups are known only when all items have been looked at.
    const all = (await nextGroups(Number.POSITIVE_INFINITY)).reverse();
    for (let at = 0; at < all.length && groups.length <= maxGroups; at += askedAtMost) {
      groups.push(...(await withoutLeftOut(all.slice(at, at + askedAtMost))));
    }
  } else {
    let most = leaveOut === undefined ? maxGroups : Math.min(Math.max(askedAtFirst, maxGroups), askedAtMost);
    for (;;) {
      const found = await nextGroups(most);
      groups.push(...(await withoutLeftOut(found)));
      if (found.length < most || groups.length >= maxGroups) break;
      most = Math.min(most * 4, askedAtMost);
    }
  }
  const isCut = isForward ? groups.length > maxGroups : groups.length >= maxGroups;
  groups.length = Math.min(groups.length, maxGroups);
  const last = groups.at(-1)?.ordinal;
  const edge = isCut && last !== undefined ? (isForward ? last + 1 : last) : undefined;
  return { groups, lost, edge };
}
