import { ObsvtyError } from "../../domain/errors.ts";
import type { LogFilter, MetricFilter, SpanFilter } from "../../domain/filter.ts";
import type { TraceId } from "../../domain/ids.ts";
import { bySignal, type Signal, signals } from "../../domain/signal.ts";
import type { LogRecord, MetricPoint, Span, TraceSummary } from "../../domain/telemetry.ts";
import { decodeSpan } from "../../otlp/decode/decode-item.ts";
import type { StoreStats, TelemetryStore } from "../../ports/telemetry-store.ts";
import { logParts, metricParts, spanParts } from "../filter/filter-parts.ts";
import { logPlan, metricPlan, spanPlan } from "../filter/item-plan.ts";
import type { Arrivals } from "../ingest/arrivals.ts";
import type { IngestCounters, SignalCounts } from "../ingest/ingest-counters.ts";
import { ClearedRanges } from "./cleared-ranges.ts";
import { createCursors } from "./cursor.ts";
import type { EventLoopTurns } from "./event-loop-turns.ts";
import { type SearchQuery, type SearchResult, search } from "./search.ts";
import { searchTraces } from "./search-traces.ts";
import { seriesKey } from "./series-key.ts";
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

/** Reads what is held, and forgets it. Decodes in short goes, so that receiving is not held up. */
export interface Reader {
  searchSpans(query: SearchQuery<SpanFilter>): Promise<SearchResult<Span>>;
  searchLogs(query: SearchQuery<LogFilter>): Promise<SearchResult<LogRecord>>;
  /** @param query with `latest`: only the newest point of each series, by arrival */
  searchMetrics(query: SearchQuery<MetricFilter> & { latest?: boolean }): Promise<SearchResult<MetricPoint>>;

  /** Traces of which a span matches, by the arrival of the newest one that does. */
  searchTraces(query: SearchQuery<SpanFilter>): Promise<SearchResult<TraceSummary>>;

  /** What matches, as it comes: see `tail`. */
  tailSpans(query: TailQuery<SpanFilter>): AsyncIterable<SearchResult<Span>>;
  tailLogs(query: TailQuery<LogFilter>): AsyncIterable<SearchResult<LogRecord>>;
  tailMetrics(query: TailQuery<MetricFilter>): AsyncIterable<SearchResult<MetricPoint>>;

  /** What matches, as soon as there is enough of it: see `waitFor`. */
  waitForSpans(query: WaitQuery<SpanFilter>): Promise<WaitResult<Span>>;
  waitForLogs(query: WaitQuery<LogFilter>): Promise<WaitResult<LogRecord>>;
  waitForMetrics(query: WaitQuery<MetricFilter>): Promise<WaitResult<MetricPoint>>;

  /** How many calls tail or wait now. */
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

  /** The cursor after which comes what came after this item. */
  itemCursor(signal: Signal, ordinal: number): string;
  /** The cursor, good for every signal, after which comes what comes from now on. */
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
    searchSpans: (query) => search(dependencies, spanPlan(query.filter), query),
    searchLogs: (query) => search(dependencies, logPlan(query.filter), query),

    searchMetrics(query) {
      const groupKey = query.latest === true ? seriesKey : undefined;
      return search(dependencies, { ...metricPlan(query.filter), groupKey }, query);
    },

    searchTraces: (query) => searchTraces(dependencies, query),

    tailSpans: (query) => tail(dependencies, spanPlan(query.filter), query),
    tailLogs: (query) => tail(dependencies, logPlan(query.filter), query),
    tailMetrics: (query) => tail(dependencies, metricPlan(query.filter), query),

    waitForSpans: (query) => waitFor(dependencies, spanPlan(query.filter), spanParts(query.filter), query),
    waitForLogs: (query) => waitFor(dependencies, logPlan(query.filter), logParts(query.filter), query),
    waitForMetrics: (query) =>
      waitFor(dependencies, metricPlan(query.filter), metricParts(query.filter), query),

    watching: () => watchers.count,

    async getTrace(traceId, abort) {
      const { first, next } = store.range("traces");
      const { criteria } = spanPlan({ traceId });
      const spans: Span[] = [];
      await walk(
        dependencies,
        { signal: "traces", criteria, from: first, to: next, order: "oldest", abort },
        (encoded) => spans.push(decodeSpan(encoded)) > 0,
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
