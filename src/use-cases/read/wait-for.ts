import { ObsvtyError } from "../../domain/errors.ts";
import { signalTraits } from "../../domain/signal.ts";
import type { ItemContext } from "../../domain/telemetry.ts";
import type { FilterPart } from "../filter/filter-parts.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { ordinalAfter } from "./read-dependencies.ts";
import { maxSearchLimit, type SearchResult } from "./search.ts";
import { type TailQuery, untilBeyond, type WatchDependencies } from "./tail.ts";
import { walk } from "./walk.ts";

export const defaultWaitMs = 30_000;
export const maxWaitMs = 3_600_000;
/** Of those that did not match, how many of the newest are looked at for the nearest miss. */
const maxMissesLookedAt = 10_000;
/** An error goes out in a header. */
const maxPartsNamed = 10;

/** Without `after` all that is held counts. */
export interface WaitQuery<Filter> extends TailQuery<Filter> {
  /** @default 1. At most 10,000. */
  readonly minCount?: number;
  /** @default 30 seconds. At most an hour; 0 looks at what is held alone. */
  readonly timeoutMs?: number;
}

export interface WaitResult<Item> extends SearchResult<Item> {
  /** How many matched. There are fewer `items` when some were evicted meanwhile. */
  readonly matched: number;
}

/**
 * The first `minCount` items that match, as soon as there are so many.
 * @param parts of the filter that the plan is of
 * @throws ObsvtyError deadline-passed, saying how many matched and on which parts of the filter the nearest
 *   miss failed; invalid-argument that names a field; too-many-watchers; or the reason of the abort
 */
export async function waitFor<Item extends ItemContext>(
  dependencies: WatchDependencies,
  plan: ItemPlan<Item>,
  parts: readonly FilterPart<Item>[],
  { after, abort, minCount = 1, timeoutMs = defaultWaitMs }: WaitQuery<unknown>,
): Promise<WaitResult<Item>> {
  checkRange("min_count", minCount, 1, maxSearchLimit);
  checkRange("timeout", timeoutMs, 0, maxWaitMs, " ms");
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
        const miss = await nearestMiss(dependencies, plan, parts, from, abort);
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
async function readAll<Item extends ItemContext>(
  { store, pace, turns }: WatchDependencies,
  { signal, decode }: ItemPlan<Item>,
  ordinals: readonly number[],
  abort: AbortSignal | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
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

/** In words, of the filter alone and nothing of the item: the one that fails on the fewest parts, the newest of several. */
async function nearestMiss<Item extends ItemContext>(
  dependencies: WatchDependencies,
  { signal, decode }: ItemPlan<Item>,
  parts: readonly FilterPart<Item>[],
  from: number,
  abort: AbortSignal | undefined,
): Promise<string> {
  let failed: readonly FilterPart<Item>[] = [];
  let lookedAt = 0;
  const { next: to } = dependencies.store.range(signal);
  await walk(dependencies, { signal, criteria: {}, from, to, order: "newest", abort }, (encoded) => {
    const item = decode(encoded);
    const failing = parts.filter(({ isMet }) => !isMet(item));
    if (failing.length > 0 && (failed.length === 0 || failing.length < failed.length)) {
      failed = failing;
    }
    lookedAt += 1;
    return failed.length !== 1 && lookedAt < maxMissesLookedAt;
  });
  if (failed.length === 0) {
    return "no others are held";
  }
  const names = failed.slice(0, maxPartsNamed).map(({ name }) => name);
  const more = failed.length > names.length ? ` and ${failed.length - names.length} more` : "";
  return `the nearest miss failed on ${names.join(", ")}${more}`;
}

function checkRange(field: string, value: number, min: number, max: number, unit = ""): void {
  const isWhole = unit !== "" || Number.isInteger(value);
  if (!isWhole || !(value >= min && value <= max)) {
    const what = unit === "" ? "a whole number " : "";
    throw new ObsvtyError("invalid-argument", `${field}: must be ${what}from ${min} to ${max}${unit}`);
  }
}
