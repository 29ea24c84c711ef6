import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { Signal } from "../../domain/signal.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import type { Arrivals } from "../ingest/arrivals.ts";
import { AnswerPage, type Show } from "./answer-page.ts";
import type { Page } from "./page-query.ts";
import { ordinalOf, type ReadDependencies } from "./read-dependencies.ts";
import { readPage } from "./read-page.ts";
import type { RecentItems } from "./recent-items.ts";
import type { Watchers, Watching } from "./watchers.ts";

/** The bounds of one batch. A tail holds one batch for its reader. */
const maxBatchItems = 200;
const maxBatchBytes = 2 ** 18;

/** Aborting ends the tail with the reason of the abort. */
export interface TailQuery<Filter> extends Watching {
  /** @default matches everything */
  readonly filter?: Filter;
  /** A cursor. Without one: only items that arrive from now on. */
  readonly after?: string | undefined;
  /** Names the way in which `show` shows items. Tails that give the same name share what it makes. */
  readonly shownAs?: string;
}

/** Items of a tail; `missed` and `unreadable` count since the batch before. */
export type TailBatch<Value> = Omit<Page<Value>, "previous">;

export interface WatchDependencies extends ReadDependencies {
  readonly arrivals: Arrivals;
  readonly watchers: Watchers;
  readonly recent: RecentItems;
}

/**
 * Items that match, in batches, as they arrive. The first batch comes at once, if need be without items.
 * Nothing is kept for a reader but one batch and the ordinal to go on from: a reader that falls so far behind
 * that items are evicted misses them. Where answers use all memory that they may, a tail waits.
 * @throws ObsvtyError invalid-argument that names `after`, too-many-watchers, or the reason of the abort
 */
export async function* tail<Kind extends ItemKind, Value>(
  dependencies: WatchDependencies,
  plan: ItemPlan<Kind>,
  { after, client, abort, shownAs }: TailQuery<unknown>,
  show: Show<ItemOf<Kind>, Value>,
): AsyncGenerator<TailBatch<Value>, never, undefined> {
  const { store, cursors, cleared, watchers, recent, answers } = dependencies;
  const { signal } = plan;
  let from = after === undefined ? store.range(signal).next : ordinalOf(dependencies, signal, "after", after);
  const shared = recent.share({ signal, from, shownAs });
  const leave = watchers.enter({ client, abort });
  const share = answers.open();
  // A call that is aborted while its reader does not read may never be resumed.
  const release = () => share.release();
  abort?.addEventListener("abort", release);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const to = store.range(signal).next;
      const page = new AnswerPage<Value>(
        { maxItems: maxBatchItems, maxBytes: maxBatchBytes, envelopeBytes: 0 },
        "oldest",
      );
      if (from < to) await share.takeLater(maxBatchBytes, abort);
      const { edge, lost, unreadable } = await readPage(
        dependencies,
        plan,
        { from, to, order: "oldest" },
        page,
        show,
        abort,
        shared,
      );
      share.resize(page.bytes);
      from = edge ?? to;
      const missed = cleared[signal].countEvicted(lost, from);
      if (isFirst || page.values.length > 0 || missed > 0 || unreadable > 0) {
        yield { items: page.values, cursor: cursors.encode({ [signal]: from }), missed, unreadable };
      }
      share.resize(0);
      await untilBeyond(dependencies, signal, from, abort);
      abort?.throwIfAborted();
    }
  } finally {
    abort?.removeEventListener("abort", release);
    release();
    leave();
  }
}

/**
 * Resolves when there are items from this ordinal on, or when the call is aborted. Many requests that arrive in
 * one turn of the event loop wake a reader once.
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
