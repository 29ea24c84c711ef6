import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { SpanFilter } from "../../domain/filter.ts";
import type { TraceId } from "../../domain/ids.ts";
import type { FilterOf, ItemKind, ItemOf } from "../../domain/item-kind.ts";
import { bySignal, type Signal, signals } from "../../domain/signal.ts";
import type { Span, TraceSummary } from "../../domain/telemetry.ts";
import type { Profile } from "../../otlp/decode/profile.ts";
import type { StoreStats, TelemetryStore } from "../../ports/telemetry-store.ts";
import type { EventLoopTurns } from "../event-loop-turns.ts";
import type { Condition } from "../filter/filter-field.ts";
import { isForAll, planOf } from "../filter/item-plan.ts";
import type { Arrivals } from "../ingest/arrivals.ts";
import type { IngestCounters, SignalCounts } from "../ingest/ingest-counters.ts";
import type { AnswerMemory } from "./answer-memory.ts";
import type { Show } from "./answer-page.ts";
import { ClearedRanges } from "./cleared-ranges.ts";
import { createCursors } from "./cursor.ts";
import {
  countOverTime,
  type GroupOverTime,
  type Histogram,
  type HistogramQuery,
} from "./figures/count-over-time.ts";
import {
  type FiguresQuery,
  type SpanSummaries,
  type SpanSummary,
  summarizeSpans,
} from "./figures/summarize-spans.ts";
import { type FoundTraces, findTraces, readTraces, type TracesQuery } from "./find-traces.ts";
import { getTrace, type TraceQuery } from "./get-trace.ts";
import type { ServiceCalls } from "./graph/graph-builder.ts";
import { type GraphQuery, type ServiceGraph, serviceGraph } from "./graph/service-graph.ts";
import {
  type AttributesList,
  type AttributesQuery,
  type AttributeUse,
  listAttributes,
} from "./lists/list-attributes.ts";
import { listMetrics, type MetricsList, type MetricsQuery, type MetricUse } from "./lists/list-metrics.ts";
import { getTraceOutline, type ReadTraceOutline } from "./outline/get-trace-outline.ts";
import type { Page } from "./page-query.ts";
import {
  type FoldedStack,
  getProfile,
  type ProfileAnswer,
  type ProfileQuery,
} from "./profiles/get-profile.ts";
import { type ProfilesQuery, searchProfiles } from "./profiles/search-profiles.ts";
import { type RequestsBatch, type RequestsQuery, readRequests } from "./read-requests.ts";
import { RecentItems } from "./recent-items.ts";
import { type SearchQuery, search } from "./search.ts";
import { searchLatest } from "./search-latest.ts";
import { searchTraces, type TraceSearchQuery } from "./search-traces.ts";
import { queryMetric, type SeriesAnswer, type SeriesQuery, type ShownSeries } from "./series/query-metric.ts";
import { listServices, type ServiceItems, type ServicesPage, type ServicesQuery } from "./services.ts";
import { type TailBatch, type TailQuery, tail } from "./tail.ts";
import { UnreadableItems } from "./unreadable-items.ts";
import { type WaitQuery, type WaitResult, waitFor } from "./wait-for.ts";
import { defaultWalkPace, type WalkPace } from "./walk-pace.ts";
import { Watchers } from "./watchers.ts";

export interface SignalStats extends StoreStats, SignalCounts {
  /** Items that could not be decoded when they were read, since start, each counted once. */
  readonly unreadable: number;
}

/** What items must meet beside a filter. A caller in this process can have conditions that no filter has. */
interface WithConditions<Kind extends ItemKind> {
  readonly also?: readonly Condition<ItemOf<Kind>>[];
}

/** A search of items of one kind. */
export interface ItemQuery<Kind extends ItemKind> extends SearchQuery<FilterOf<Kind>>, WithConditions<Kind> {
  /** True for only the newest item, by arrival, of each series. For kinds that have series: data points. */
  readonly latest?: boolean;
}

/**
 * Reads what is held, and forgets it. It reads in short steps, so that receiving is not held up.
 *
 * `show` makes of each item what stands in the answer, and says how many bytes that takes, so that an answer is
 * bounded while it is being made. An item that cannot be decoded or shown is skipped and counted.
 */
export interface Reader {
  /** Items that match: see `search`. */
  search<Kind extends ItemKind, Value>(
    kind: Kind,
    query: ItemQuery<Kind>,
    show: Show<ItemOf<Kind>, Value>,
  ): Promise<Page<Value>>;

  /** Traces of which a span matches, by the arrival of the newest one that does: see `searchTraces`. */
  searchTraces<Value>(query: TraceSearchQuery, show: Show<TraceSummary, Value>): Promise<Page<Value>>;

  /** Items that match, as they arrive: see `tail`. */
  tail<Kind extends ItemKind, Value>(
    kind: Kind,
    query: TailQuery<FilterOf<Kind>>,
    show: Show<ItemOf<Kind>, Value>,
  ): AsyncIterable<TailBatch<Value>>;

  /** Items that match, as soon as there are enough of them: see `waitFor`. */
  waitFor<Kind extends ItemKind, Value>(
    kind: Kind,
    query: WaitQuery<FilterOf<Kind>> & WithConditions<Kind>,
    show: Show<ItemOf<Kind>, Value>,
  ): Promise<WaitResult<Value>>;

  /** The requests that hold the items of one kind that match, or of any signal: see `readRequests`. */
  requests<Kind extends ItemKind>(
    kind: Kind,
    query: RequestsQuery & { readonly filter?: FilterOf<Kind> },
  ): AsyncIterable<RequestsBatch>;
  requestsOf(signal: Signal, query: RequestsQuery): AsyncIterable<RequestsBatch>;

  /** How many Tail, WaitFor and ReadRequests calls there are now. */
  watching(): number;

  /** The spans held of a trace: see `getTrace`. */
  getTrace<Value>(traceId: TraceId, query: TraceQuery, show: Show<Span, Value>): Promise<Page<Value>>;

  /** Whole traces of which a span matches: see `findTraces`. */
  findTraces<Value>(
    query: TracesQuery & WithConditions<"spans"> & { readonly filter?: SpanFilter; readonly limit?: number },
    show: Show<EncodedItem, Value>,
  ): Promise<FoundTraces<Value>>;

  /** Whole traces by their ids: see `readTraces`. */
  readTraces<Value>(
    traceIds: readonly TraceId[],
    query: TracesQuery,
    show: Show<EncodedItem, Value>,
  ): Promise<FoundTraces<Value>>;

  /** All spans of a trace in short, as a tree: see `getTraceOutline`. */
  readonly traceOutline: ReadTraceOutline;

  /** The keys of attributes, with their values: see `listAttributes`. */
  attributes<Kind extends ItemKind, Value>(
    kind: Kind,
    query: AttributesQuery<FilterOf<Kind>>,
    show: Show<AttributeUse, Value>,
  ): Promise<AttributesList<Value>>;

  /** The metrics of the points that match: see `listMetrics`. */
  metrics<Value>(query: MetricsQuery, show: Show<MetricUse, Value>): Promise<MetricsList<Value>>;

  /** The services of what is held, by name: see `listServices`. */
  services<Value>(query: ServicesQuery, show: Show<ServiceItems, Value>): Promise<ServicesPage<Value>>;

  /** Figures of the spans that match, by what they have in common: see `summarizeSpans`. */
  summarizeSpans<Value>(
    query: FiguresQuery<SpanFilter>,
    show: Show<SpanSummary, Value>,
  ): Promise<SpanSummaries<Value>>;

  /** Which service calls which: see `serviceGraph`. */
  serviceGraph<Value>(query: GraphQuery, show: Show<ServiceCalls, Value>): Promise<ServiceGraph<Value>>;

  /** How many items match at what time: see `countOverTime`. */
  countOverTime<Kind extends ItemKind, Value>(
    kind: Kind,
    query: HistogramQuery<FilterOf<Kind>>,
    show: Show<GroupOverTime, Value>,
  ): Promise<Histogram<Value>>;

  /** A metric over time: see `queryMetric`. */
  queryMetric<Value>(query: SeriesQuery, show: Show<ShownSeries, Value>): Promise<SeriesAnswer<Value>>;

  /** Profiles that match: see `searchProfiles`. */
  searchProfiles<Value>(query: ProfilesQuery, show: Show<Profile, Value>): Promise<Page<Value>>;

  /** What one profile tells: see `getProfile`. */
  getProfile<Value>(query: ProfileQuery, show: Show<FoldedStack, Value>): Promise<ProfileAnswer<Value>>;

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
  readonly answers: AnswerMemory;
  /** Bounds how many Tail, WaitFor and ReadRequests calls there are at a time. @default 100 */
  readonly watchers?: Watchers;
  readonly pace?: WalkPace;
  /** The time now. @default that of the system */
  readonly nowUnixNano?: () => bigint;
}

export function createReader({
  store,
  counters,
  arrivals,
  turns,
  answers,
  watchers = new Watchers(),
  pace = defaultWalkPace,
  nowUnixNano = () => BigInt(Date.now()) * 1_000_000n,
}: ReaderDependencies): Reader {
  const cursors = createCursors(store.runId);
  const cleared = bySignal(() => new ClearedRanges());
  const unreadable = new UnreadableItems();
  const recent = new RecentItems();
  const dependencies = {
    store,
    cursors,
    cleared,
    pace,
    turns,
    arrivals,
    watchers,
    recent,
    unreadable,
    answers,
    nowUnixNano,
  };

  return {
    search(kind, query, show) {
      const plan = planOf(kind, query.filter, query.also);
      const { seriesKeys } = plan;
      return query.latest === true && seriesKeys !== undefined
        ? searchLatest(dependencies, plan, query, seriesKeys(), show)
        : search(dependencies, plan, query, show);
    },

    searchTraces: (query, show) => searchTraces(dependencies, query, show),
    tail: (kind, query, show) => tail(dependencies, planOf(kind, query.filter), query, show),
    waitFor: (kind, query, show) =>
      waitFor(dependencies, planOf(kind, query.filter, query.also), query, show),
    requests(kind, query) {
      const plan = planOf(kind, query.filter);
      return readRequests(dependencies, plan.signal, isForAll(plan.filter) ? undefined : plan, query);
    },
    requestsOf: (signal, query) => readRequests(dependencies, signal, undefined, query),
    watching: () => watchers.count,
    getTrace: (traceId, query, show) => getTrace(dependencies, traceId, query, show),
    findTraces: (query, show) =>
      findTraces(dependencies, planOf("spans", query.filter, query.also), query, show),
    readTraces: (traceIds, query, show) => readTraces(dependencies, traceIds, query, show),
    traceOutline: (...call) => getTraceOutline(dependencies, ...call),
    attributes: (kind, query, show) => listAttributes(dependencies, kind, query, show),
    metrics: (query, show) => listMetrics(dependencies, query, show),
    services: (query, show) => listServices(dependencies, query, show),
    summarizeSpans: (query, show) => summarizeSpans(dependencies, query, show),
    serviceGraph: (query, show) => serviceGraph(dependencies, query, show),
    countOverTime: (kind, query, show) => countOverTime(dependencies, kind, query, show),
    searchProfiles: (query, show) => searchProfiles(dependencies, query, show),
    getProfile: (query, show) => getProfile(dependencies, query, show),
    queryMetric: (query, show) => queryMetric(dependencies, query, show),

    stats() {
      return bySignal((signal) => ({
        ...store.stats(signal),
        ...counters.of(signal),
        unreadable: unreadable.count(signal),
      }));
    },

    clear() {
      const held = bySignal((signal) => store.range(signal));
      const count = store.clear();
      recent.clear();
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
