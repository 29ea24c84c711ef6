import { ObsvtyError } from "../../domain/errors.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import { signalTraits } from "../../domain/signal.ts";
import type { Condition } from "../filter/filter-field.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { withinLimits } from "./limits.ts";
import { ordinalAfter } from "./read-dependencies.ts";
import type { SearchResult } from "./search.ts";
import { type TailQuery, untilBeyond, type WatchDependencies } from "./tail.ts";
import { walk } from "./walk.ts";

/** Of those that did not match, how many of the newest are looked at for the nearest miss. */
const maxMissesLookedAt = 10_000;
/** An error goes out in a header. */
const maxConditionsNamed = 10;

/** Without `after` all that is held counts. */
export interface WaitQuery<Filter> extends TailQuery<Filter> {
  /** @default `readLimits.minCount` */
  readonly minCount?: number;
  /** 0 looks only at what is held. @default `readLimits.timeoutMs` */
  readonly timeoutMs?: number;
}

export interface WaitResult<Item> extends SearchResult<Item> {
  /** How many matched. There are fewer `items` when some were evicted meanwhile. */
  readonly matched: number;
}

/**
 * The first `minCount` items that match, as soon as there are so many.
 * @throws ObsvtyError deadline-passed, saying how many matched and on which conditions of the filter the nearest
 *   miss failed; invalid-argument that names a field; too-many-watchers; or the reason of the abort
 */
export async function waitFor<Kind extends ItemKind>(
  dependencies: WatchDependencies,
  plan: ItemPlan<Kind>,
  { after, abort, ...query }: WaitQuery<unknown>,
): Promise<WaitResult<ItemOf<Kind>>> {
  const minCount = withinLimits("minCount", query.minCount);
  const timeoutMs = withinLimits("timeoutMs", query.timeoutMs);
  const { store, cursors, cleared, watchers } = dependencies;
  const { signal, criteria, decode, matches } = plan;
  const from = after === undefined ? store.range(signal).first : ordinalAfter(dependencies, signal, after);
  const leave = watchers.enter(abort);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const either = AbortSignal.any([timeout.signal, ...(abort === undefined ? [] : [abort])]);
  try {
    // Ordinals, not items: however long it waits, it holds next to nothing.
    const matched: number[] = [];
    let missed = 0;
    for (let ordinal = from; ; ) {
      const to = store.range(signal).next;
      const lost = await walk(
        dependencies,
        { signal, criteria, from: ordinal, to, order: "oldest", abort },
        (encoded) => {
          if (matches === undefined || matches(decode(encoded))) {
            matched.push(encoded.ordinal);
          }
          return matched.length < minCount;
        },
      );
      const isEnough = matched.length >= minCount;
      ordinal = isEnough ? (matched.at(-1) ?? from) + 1 : to;
      missed += cleared[signal].countEvicted(lost, ordinal);
      if (isEnough) {
        const items = await readAll(dependencies, plan, matched, abort);
        return { items, matched: matched.length, missed, cursor: cursors.encode({ [signal]: ordinal }) };
      }
      // Only between two looks: what is held when the time is over counts.
      if (timeout.signal.aborted || timeoutMs === 0) {
        const miss = await nearestMiss(dependencies, plan, from, abort);
        const { many } = signalTraits[signal].itemNoun;
        throw new ObsvtyError(
          "deadline-passed",
          `${matched.length} of ${minCount} ${many} matched within ${timeoutMs} ms; ${miss}`,
        );
      }
      await untilBeyond(dependencies, signal, ordinal, either);
      abort?.throwIfAborted();
    }
  } finally {
    clearTimeout(timer);
    leave();
  }
}

/** Those that are still held, in short goes. */
async function readAll<Kind extends ItemKind>(
  { store, pace, turns }: WatchDependencies,
  { signal, decode }: ItemPlan<Kind>,
  ordinals: readonly number[],
  abort: AbortSignal | undefined,
): Promise<ItemOf<Kind>[]> {
  const items: ItemOf<Kind>[] = [];
  let endMs = performance.now() + pace.maxMs;
  for (const ordinal of ordinals) {
    if (performance.now() >= endMs) {
      await turns.next();
      abort?.throwIfAborted();
      endMs = performance.now() + pace.maxMs;
    }
    const encoded = store.read(signal, ordinal);
    if (encoded !== undefined) {
      items.push(decode(encoded));
    }
  }
  return items;
}

/**
 * Names the conditions of the filter, and nothing of the item, on which the nearest miss failed: the item that
 * fails on the fewest conditions, the newest of several.
 */
async function nearestMiss<Kind extends ItemKind>(
  dependencies: WatchDependencies,
  { signal, decode, conditions }: ItemPlan<Kind>,
  from: number,
  abort: AbortSignal | undefined,
): Promise<string> {
  let failed: readonly Condition<ItemOf<Kind>>[] = [];
  let lookedAt = 0;
  const { next: to } = dependencies.store.range(signal);
  await walk(dependencies, { signal, from, to, order: "newest", abort }, (encoded) => {
    const item = decode(encoded);
    const failing = conditions.filter(({ isMet }) => !isMet(item));
    if (failing.length > 0 && (failed.length === 0 || failing.length < failed.length)) {
      failed = failing;
    }
    lookedAt += 1;
    return failed.length !== 1 && lookedAt < maxMissesLookedAt;
  });
  if (failed.length === 0) {
    return "no others are held";
  }
  const names = failed.slice(0, maxConditionsNamed).map(({ name }) => name);
  const more = failed.length > names.length ? ` and ${failed.length - names.length} more` : "";
  return `the nearest miss failed on ${names.join(", ")}${more}`;
}
