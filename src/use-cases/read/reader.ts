import { ObsvtyError } from "../../domain/errors.ts";
import type { SpanFilter } from "../../domain/filter.ts";
import type { TraceId } from "../../domain/ids.ts";
import type { FilterOf, ItemKind, ItemOf } from "../../domain/item-kind.ts";
import { bySignal, type Signal, signals } from "../../domain/signal.ts";
import type { Span, TraceSummary } from "../../domain/telemetry.ts";
import type { StoreStats, TelemetryStore } from "../../ports/telemetry-store.ts";
import { planOf } from "../filter/item-plan.ts";
import type { Arrivals } from "../ingest/arrivals.ts";
import type { IngestCounters, SignalCounts } from "../ingest/ingest-counters.ts";
import { ClearedRanges } from "./cleared-ranges.ts";
import { createCursors } from "./cursor.ts";
import type { EventLoopTurns } from "./event-loop-turns.ts";
import { type SearchQuery, type SearchResult, search } from "./search.ts";
import { searchTraces } from "./search-traces.ts";
import { type TailQuery, tail } from "./tail.ts";
import { type WaitQuery, type WaitResult, waitFor } from "./wait-for.ts";
import { walk } from "./walk.ts";
import { defaultWalkPace, type WalkPace } from "./walk-pace.ts";
import { Watchers } from "./watchers.ts";

export type SignalStats = Readonly<StoreStats & SignalCounts>;

export interface ServiceItems {
  /** "" for items whose resource names no service. */
  readonly name: string;
  /** Items held now. */
  readonly items: Readonly<Record<Signal, number>>;
}

/** A search of items of one kind. */
export interface ItemQuery<Kind extends ItemKind> extends SearchQuery<FilterOf<Kind>> {
  /** Only the newest item, by arrival, of each series. For kinds that have series: data points. */
  readonly latest?: boolean;
}

/** Reads what is held, and forgets it. It reads in short goes, so that receiving is not held up. */
export interface Reader {
  /** Items that match: see `search`. */
  search<Kind extends ItemKind>(kind: Kind, query: ItemQuery<Kind>): Promise<SearchResult<ItemOf<Kind>>>;

  /** Traces of which a span matches, by the arrival of the newest one that does. */
  searchTraces(query: SearchQuery<SpanFilter>): Promise<SearchResult<TraceSummary>>;

  /** Items that match, as they arrive: see `tail`. */
  tail<Kind extends ItemKind>(
    kind: Kind,
    query: TailQuery<FilterOf<Kind>>,
  ): AsyncIterable<SearchResult<ItemOf<Kind>>>;

  /** Items that match, as soon as there are enough of them: see `waitFor`. */
  waitFor<Kind extends ItemKind>(
    kind: Kind,
    query: WaitQuery<FilterOf<Kind>>,
  ): Promise<WaitResult<ItemOf<Kind>>>;

  /** How many Tail and WaitFor calls there are now. */
  watching(): number;

  /**
   * All spans held of a trace, by start time.
   * @throws ObsvtyError not-found when there is none
   */
  getTrace(traceId: TraceId, abort?: AbortSignal): Promise<Span[]>;

  /** By name. */
  services(): ServiceItems[];
  stats(): Record<Signal, SignalStats>;

  /** Forgets all items of all signals. Returns how many. */
  clear(): number;

  /** A cursor for the signal of this item; reading after it returns only items that arrived later than the item. */
  itemCursor(signal: Signal, ordinal: number): string;
  /** A cursor for all signals; reading after it returns only items that arrive later. */
  newestCursor(): string;
}

export interface ReaderDependencies {
  readonly store: TelemetryStore;
  readonly counters: IngestCounters;
  readonly arrivals: Arrivals;
  readonly turns: EventLoopTurns;
  /** Bounds how many tail and wait at once. @default 100 of them */
  readonly watchers?: Watchers;
  readonly pace?: WalkPace;
}

export function createReader({
  store,
  counters,
  arrivals,
  turns,
  watchers = new Watchers(),
  pace = defaultWalkPace,
}: ReaderDependencies): Reader {
  const cursors = createCursors(store.runId);
  const cleared = bySignal(() => new ClearedRanges());
  const dependencies = { store, cursors, cleared, pace, turns, arrivals, watchers };

  return {
    search(kind, query) {
      const plan = planOf(kind, query.filter);
      return search(dependencies, plan, query, query.latest === true ? plan.seriesKey : undefined);
    },

    searchTraces: (query) => searchTraces(dependencies, query),
    tail: (kind, query) => tail(dependencies, planOf(kind, query.filter), query),
    waitFor: (kind, query) => waitFor(dependencies, planOf(kind, query.filter), query),

    watching: () => watchers.count,

    async getTrace(traceId, abort) {
      const { first, next } = store.range("traces");
      const { criteria, decode, matches } = planOf("spans", { traceId });
      const spans: Span[] = [];
      await walk(
        dependencies,
        { signal: "traces", criteria, from: first, to: next, order: "oldest", abort },
        (encoded) => {
          const span = decode(encoded);
          if (matches?.(span) !== false) spans.push(span);
          return true;
        },
      );
      if (spans.length === 0) {
        throw new ObsvtyError("not-found", `no span of trace ${traceId} is held`);
      }
      return spans.sort(byStartTime);
    },

    services() {
      return Array.from(store.services(), ([name, items]) => ({ name, items })).sort((a, b) =>
        a.name < b.name ? -1 : 1,
      );
    },

    stats() {
      return bySignal((signal) => ({ ...store.stats(signal), ...counters.of(signal) }));
    },

    clear() {
      const held = bySignal((signal) => store.range(signal));
      const count = store.clear();
      for (const signal of signals) {
        cleared[signal].add(held[signal]);
      }
      return count;
    },

    itemCursor(signal, ordinal) {
      return cursors.encode({ [signal]: ordinal + 1 });
    },

    newestCursor() {
      return cursors.encode(bySignal((signal) => store.range(signal).next));
    },
  };
}

/** Of spans that started together, the one that arrived first comes first. */
function byStartTime(a: Span, b: Span): number {
  if (a.startUnixNano === b.startUnixNano) {
    return a.ordinal - b.ordinal;
  }
  return a.startUnixNano < b.startUnixNano ? -1 : 1;
}
