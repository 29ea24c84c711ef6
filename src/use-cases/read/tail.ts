import type { ItemContext } from "../../domain/telemetry.ts";
import type { EncodedItem } from "../../ports/telemetry-store.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import type { Arrivals } from "../ingest/arrivals.ts";
import { nextTurn } from "./event-loop-turns.ts";
import { countEvicted, positionAfter, type ReadDependencies } from "./read-dependencies.ts";
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
  readonly abortSignal?: AbortSignal | undefined;
}

export interface WatchDependencies extends ReadDependencies {
  readonly arrivals: Arrivals;
  readonly watchers: Watchers;
}

/**
 * What matches, in batches, as it comes. The first batch comes at once, if need be without items; `missed`
 * counts since the batch before. Nothing is kept for a reader but its position in the store: one that falls
 * so far behind that items are evicted misses them.
 * @throws ObsvtyError invalid-argument that names `after`, too-many-watchers, or the reason of the abort
 */
export async function* tail<Item extends ItemContext>(
  dependencies: WatchDependencies,
  plan: ItemPlan<Item>,
  { after, abortSignal }: TailQuery<unknown>,
): AsyncGenerator<SearchResult<Item>, never, undefined> {
  const { store, cursors, watchers } = dependencies;
  const { signal } = plan;
  let position = after === undefined ? store.range(signal).next : positionAfter(dependencies, signal, after);
  const leave = watchers.enter(abortSignal);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const { items, missed, next } = await readBatch(dependencies, plan, position, abortSignal);
      position = next;
      if (isFirst || items.length > 0 || missed > 0) {
        yield { items, missed, cursor: cursors.encode({ [signal]: position }) };
      }
      await untilBeyond(dependencies, signal, position, abortSignal);
      abortSignal?.throwIfAborted();
    }
  } finally {
    leave();
  }
}

/**
 * Resolves when there are items from this position on, or when the call is aborted. Many requests that
 * arrive in one turn of the event loop are one piece of news.
 */
export async function untilBeyond(
  { store, arrivals }: WatchDependencies,
  signal: ItemPlan<ItemContext>["signal"],
  position: number,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  while (store.range(signal).next <= position && abortSignal?.aborted !== true) {
    await arrivals.next(signal, abortSignal);
  }
  await nextTurn();
}

async function readBatch<Item extends ItemContext>(
  { store, cleared, pace }: WatchDependencies,
  { signal, criteria, decode, matches }: ItemPlan<Item>,
  from: number,
  abortSignal: AbortSignal | undefined,
): Promise<{ readonly items: readonly Item[]; readonly missed: number; readonly next: number }> {
  const items: Item[] = [];
  const to = store.range(signal).next;
  let bytes = 0;
  let next = to;
  const lost = await walk(
    store,
    pace,
    { signal, criteria, from, to, order: "oldest", abortSignal },
    (encoded) => {
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
    },
  );
  return { items, missed: countEvicted(lost, cleared[signal], next), next };
}

/** With what it shares with others: the answer repeats that for each. */
function byteLength({ item, resource, scope, metric }: EncodedItem): number {
  return item.byteLength + resource.byteLength + scope.byteLength + (metric?.byteLength ?? 0);
}
