import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { Signal } from "../../domain/signal.ts";
import type { ItemCriteria, TelemetryStore } from "../../ports/telemetry-store.ts";
import { nextTurn } from "./event-loop-turns.ts";

/** Receiving must not wait for a reader: after so much work in one go a walk lets others have the thread. */
export interface WalkPace {
  /** Items, at most. */
  readonly maxItems: number;
  /** Milliseconds, about: one item more than fits. */
  readonly maxMs: number;
  /** Index rows looked at, at most; some nanoseconds each. */
  readonly maxRows: number;
  /** Index rows whose items' bytes are looked at, at most; half a microsecond each. */
  readonly maxRowsRead: number;
}

export const defaultWalkPace: WalkPace = { maxItems: 500, maxMs: 5, maxRows: 500_000, maxRowsRead: 8_000 };

export interface WalkRequest {
  readonly signal: Signal;
  readonly criteria: ItemCriteria;
  /** The ordinals to look at: [`from`, `to`). */
  readonly from: number;
  readonly to: number;
  readonly order: "oldest" | "newest";
  /** Heeded before each go. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** Ordinals [`from`, `to`) that were no longer held when the walk came to them. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Visits the items that match, in order, until `visit` answers false. Between two goes the store may
 * take in and evict items. What comes meanwhile lies beyond `to`; what goes before the walk came to it
 * is lost, and the answer says which ordinals these were.
 */
export async function walk(
  store: TelemetryStore,
  pace: WalkPace,
  request: WalkRequest,
  visit: (item: EncodedItem) => boolean,
): Promise<LostRange[]> {
  const { signal, criteria, order, abortSignal } = request;
  const isForward = order === "oldest";
  const maxRows = criteria.attributes === undefined ? pace.maxRows : pace.maxRowsRead;
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

  /** Looks at a stretch of [`from`, `to`) and takes it off. False: the visitor wants no more. */
  function go(): boolean {
    const endMs = performance.now() + pace.maxMs;
    const stretch = isForward
      ? { from, to: Math.min(to, from + maxRows) }
      : { from: Math.max(from, store.range(signal).first, to - maxRows), to };
    const found = store.find(signal, criteria, { ...stretch, order, limit: pace.maxItems });
    for (const ordinal of isForward ? found : found.reverse()) {
      if (isForward) {
        from = ordinal + 1;
      } else {
        to = ordinal;
      }
      const item = store.read(signal, ordinal);
      if (item !== undefined && !visit(item)) {
        return false;
      }
      if (performance.now() >= endMs) {
        return true;
      }
    }
    if (found.length < pace.maxItems) {
      if (isForward) {
        from = stretch.to;
      } else {
        to = stretch.from;
      }
    }
    return true;
  }

  abortSignal?.throwIfAborted();
  while (hasMore() && go()) {
    if (hasMore()) {
      await nextTurn();
      abortSignal?.throwIfAborted();
    }
  }
  return lost;
}
