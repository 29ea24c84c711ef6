import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { Signal } from "../../domain/signal.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import type { Arrivals } from "../ingest/arrivals.ts";
import { ordinalAfter, type ReadDependencies } from "./read-dependencies.ts";
import type { SearchResult } from "./search.ts";
import { walk } from "./walk.ts";
import type { Watchers } from "./watchers.ts";

/** What a tail holds for its reader is one batch: so many items, and about so many bytes as they were sent. */
const maxBatchItems = 200;
const maxBatchBytes = 1 << 20;

export interface TailQuery<Filter> {
  /** @default matches everything */
  readonly filter?: Filter;
  /** A cursor. Without one: what comes from now on. */
  readonly after?: string | undefined;
  /** Ends the tail with the reason of the signal. */
  readonly abort?: AbortSignal | undefined;
}

export interface WatchDependencies extends ReadDependencies {
  readonly arrivals: Arrivals;
  readonly watchers: Watchers;
}

/**
 * What matches, in batches, as it comes. The first batch comes at once, if need be without items; `missed`
 * counts since the batch before. Nothing is kept for a reader but the ordinal to go on from: one that falls
 * so far behind that items are evicted misses them.
 * @throws ObsvtyError invalid-argument that names `after`, too-many-watchers, or the reason of the abort
 */
export async function* tail<Kind extends ItemKind>(
  dependencies: WatchDependencies,
  plan: ItemPlan<Kind>,
  { after, abort }: TailQuery<unknown>,
): AsyncGenerator<SearchResult<ItemOf<Kind>>, never, undefined> {
  const { store, cursors, watchers } = dependencies;
  const { signal } = plan;
  let ordinal = after === undefined ? store.range(signal).next : ordinalAfter(dependencies, signal, after);
  const leave = watchers.enter(abort);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const { items, missed, next } = await readBatch(dependencies, plan, ordinal, abort);
      ordinal = next;
      if (isFirst || items.length > 0 || missed > 0) {
        yield { items, missed, cursor: cursors.encode({ [signal]: ordinal }) };
      }
      await untilBeyond(dependencies, signal, ordinal, abort);
      abort?.throwIfAborted();
    }
  } finally {
    leave();
  }
}

/**
 * Resolves when there are items from this ordinal on, or when the call is aborted. Many requests that
 * arrive in one turn of the event loop are one piece of news.
 */
export async function untilBeyond(
  { store, arrivals, turns }: WatchDependencies,
  signal: Signal,
  ordinal: number,
  abort: AbortSignal | undefined,
): Promise<void> {
  while (store.range(signal).next <= ordinal && abort?.aborted !== true) {
    await arrivals.next(signal, abort);
  }
  await turns.next();
}

async function readBatch<Kind extends ItemKind>(
  dependencies: WatchDependencies,
  { signal, criteria, decode, matches }: ItemPlan<Kind>,
  from: number,
  abort: AbortSignal | undefined,
): Promise<{ readonly items: readonly ItemOf<Kind>[]; readonly missed: number; readonly next: number }> {
  const { store, cleared } = dependencies;
  const items: ItemOf<Kind>[] = [];
  const to = store.range(signal).next;
  let bytes = 0;
  let next = to;
  const lost = await walk(dependencies, { signal, criteria, from, to, order: "oldest", abort }, (encoded) => {
    const item = decode(encoded);
    if (matches === undefined || matches(item)) {
      items.push(item);
      bytes += byteLength(encoded);
    }
    const isFull = items.length >= maxBatchItems || bytes >= maxBatchBytes;
    if (isFull) {
      next = encoded.ordinal + 1;
    }
    return !isFull;
  });
  return { items, missed: cleared[signal].countEvicted(lost, next), next };
}

/** With what it shares with others: the answer repeats that for each. */
function byteLength({ item, resource, scope, metric }: EncodedItem): number {
  return item.byteLength + resource.byteLength + scope.byteLength + (metric?.byteLength ?? 0);
}
