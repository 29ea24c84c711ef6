import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { FilterBySignal } from "../../domain/filter.ts";
import type { Signal } from "../../domain/signal.ts";
import type { Found } from "../../ports/telemetry-store.ts";
import type { LostRange } from "./cleared-ranges.ts";
import type { ReadDependencies } from "./read-dependencies.ts";

export interface WalkRequest<S extends Signal> {
  readonly signal: S;
  /** @default every item */
  readonly filter?: FilterBySignal[S];
  /** The ordinals to look at: [`from`, `to`). */
  readonly from: number;
  readonly to: number;
  readonly order: "oldest" | "newest";
  /** The abort is looked at before each step. */
  readonly abort?: AbortSignal | undefined;
}

/** Visits the items that match: see `walkOrdinals`. */
export function walk<S extends Signal>(
  dependencies: Pick<ReadDependencies, "store" | "pace" | "turns">,
  request: WalkRequest<S>,
  visit: (item: EncodedItem) => boolean,
): Promise<LostRange[]> {
  return walkOrdinals(dependencies, request, (ordinal) => {
    const item = dependencies.store.read(request.signal, ordinal);
    return item === undefined || visit(item);
  });
}

/** The same with views of items, which are valid during the visit alone: see `TelemetryStore.view`. */
export function walkViews<S extends Signal>(
  dependencies: Pick<ReadDependencies, "store" | "pace" | "turns">,
  request: WalkRequest<S>,
  visit: (item: EncodedItem) => boolean,
): Promise<LostRange[]> {
  return walkOrdinals(dependencies, request, (ordinal) => {
    const item = dependencies.store.view(request.signal, ordinal);
    return item === undefined || visit(item);
  });
}

/**
 * Visits the ordinals of items that match, in order, until `visit` answers false. It reads in short steps, between
 * which the store may take in and evict items. Items that arrive meanwhile have ordinals >= `to`; items evicted before
 * their turn are returned as lost. Each step, the first one too, has a turn of the event loop of its own. The visit of
 * an item that takes longer than a step may is a promise, and ends its step.
 */
export async function walkOrdinals<S extends Signal>(
  { store, pace, turns }: Pick<ReadDependencies, "store" | "pace" | "turns">,
  request: WalkRequest<S>,
  visit: (ordinal: number) => boolean | Promise<boolean>,
): Promise<LostRange[]> {
  const { signal, order, abort } = request;
  const filter = request.filter ?? ({} as FilterBySignal[S]);
  const isForward = order === "oldest";
  const lost: LostRange[] = [];
  let { from, to } = request;

  function hasMore(): boolean {
    const { first } = store.range(signal);
    const lostTo = Math.min(first, to);
    if (lostTo > from && (isForward || lostTo === to)) {
      lost.push({ from, to: lostTo });
      from = lostTo;
    }
    return from < to;
  }

  /** Visits what was found and narrows the range by it. False: the visitor wants no more. */
  function visitAll({ ordinals, rest }: Found, endMs: number): boolean | Promise<boolean> {
    const { first } = store.range(signal);
    for (const ordinal of isForward ? ordinals : ordinals.toReversed()) {
      // It was evicted since it was found: see `hasMore`.
      if (ordinal < first) {
        if (isForward) continue;
        to = first;
        return true;
      }
      if (isForward) {
        from = ordinal + 1;
      } else {
        to = ordinal;
      }
      const wantsMore = visit(ordinal);
      // What was found behind it is found anew: it may be evicted meanwhile.
      if (wantsMore !== true) return wantsMore;
      if (performance.now() >= endMs) {
        return true;
      }
    }
    if (isForward) {
      from = rest.from < rest.to ? Math.max(from, rest.from) : to;
    } else {
      to = rest.to;
    }
    return true;
  }

  let endMs = 0;
  const isOver = () => performance.now() >= endMs;
  const nextTurn = async () => {
    await turns.next();
    abort?.throwIfAborted();
    endMs = performance.now() + pace.maxMs;
  };

  // Calls that arrive together begin together: the first step of each would be done in the same turn of the event loop.
  await nextTurn();
  while (hasMore()) {
    const found = store.find(signal, filter, { from, to, order, limit: pace.maxItems });
    // Finding in many attributes alone can take as long as a step may. The visits, and the answer that is made of them,
    // then get turns of the event loop of their own: the largest item takes most of the time that one turn may.
    if (isOver()) {
      await nextTurn();
      if (!hasMore()) break;
    }
    const visited = visitAll(found, endMs);
    const wantsMore = typeof visited === "boolean" ? visited : await visited;
    if (isOver() || (wantsMore && hasMore())) await nextTurn();
    if (!wantsMore) break;
  }
  return lost;
}
