import type { SpanFilter } from "../../src/domain/filter.ts";
import type { TraceId } from "../../src/domain/ids.ts";
import type { FilterOf, ItemKind, ItemOf } from "../../src/domain/item-kind.ts";
import type { Span, TraceSummary } from "../../src/domain/telemetry.ts";
import type { Profile } from "../../src/otlp/decode/profile.ts";
import type { AnswerMemory } from "../../src/use-cases/read/answer-memory.ts";
import type {
  GroupOverTime,
  Histogram,
  HistogramQuery,
} from "../../src/use-cases/read/figures/count-over-time.ts";
import type {
  FiguresQuery,
  SpanSummaries,
  SpanSummary,
} from "../../src/use-cases/read/figures/summarize-spans.ts";
import type { TraceQuery } from "../../src/use-cases/read/get-trace.ts";
import type { ServiceCalls } from "../../src/use-cases/read/graph/graph-builder.ts";
import type { GraphQuery, ServiceGraph } from "../../src/use-cases/read/graph/service-graph.ts";
import type {
  AttributesList,
  AttributesQuery,
  AttributeUse,
} from "../../src/use-cases/read/lists/list-attributes.ts";
import type { MetricsList, MetricsQuery, MetricUse } from "../../src/use-cases/read/lists/list-metrics.ts";
import type { OutlineQuery, TraceOutline } from "../../src/use-cases/read/outline/get-trace-outline.ts";
import type { OutlineNode } from "../../src/use-cases/read/outline/outline-node.ts";
import type { Page } from "../../src/use-cases/read/page-query.ts";
import type {
  FoldedStack,
  ProfileAnswer,
  ProfileQuery,
} from "../../src/use-cases/read/profiles/get-profile.ts";
import type { ProfilesQuery } from "../../src/use-cases/read/profiles/search-profiles.ts";
import type { ItemQuery, Reader } from "../../src/use-cases/read/reader.ts";
import type { TraceSearchQuery } from "../../src/use-cases/read/search-traces.ts";
import type { SeriesAnswer, SeriesQuery, ShownSeries } from "../../src/use-cases/read/series/query-metric.ts";
import type { ServiceItems, ServicesQuery } from "../../src/use-cases/read/services.ts";
import type { TailQuery } from "../../src/use-cases/read/tail.ts";
import type { WaitQuery } from "../../src/use-cases/read/wait-for.ts";

/** A query as tests write it: a share of the memory for answers is opened for it. */
type Plain<Query> = Omit<Query, "share">;

/**
 * A reader that answers the items themselves.
 * @param sizeOf what an item takes in an answer
 */
export function plainReader(reader: Reader, answers: AnswerMemory, sizeOf: (item: object) => number) {
  const show = <Item extends object>(value: Item) => ({ value, byteLength: sizeOf(value) });
  /** The answer is sent as soon as it is made. */
  const answered = async <Query, Answer>(
    query: Plain<Query>,
    read: (query: Query) => Promise<Answer>,
  ): Promise<Answer> => {
    const share = answers.open();
    try {
      return await read({ ...query, share } as Query);
    } finally {
      share.release();
    }
  };
  return {
    ...reader,
    search: <Kind extends ItemKind>(kind: Kind, query: Plain<ItemQuery<Kind>>) =>
      answered<ItemQuery<Kind>, Awaited<ReturnType<typeof reader.search<Kind, ItemOf<Kind>>>>>(query, (all) =>
        reader.search(kind, all, show<ItemOf<Kind>>),
      ),
    searchTraces: (query: Plain<TraceSearchQuery>) =>
      answered<TraceSearchQuery, Awaited<ReturnType<typeof reader.searchTraces<TraceSummary>>>>(
        query,
        (all) => reader.searchTraces(all, show<TraceSummary>),
      ),
    tail: <Kind extends ItemKind>(kind: Kind, query: TailQuery<FilterOf<Kind>>) =>
      reader.tail(kind, query, show<ItemOf<Kind>>),
    waitFor: <Kind extends ItemKind>(kind: Kind, query: Plain<WaitQuery<FilterOf<Kind>>>) =>
      answered<WaitQuery<FilterOf<Kind>>, Awaited<ReturnType<typeof reader.waitFor<Kind, ItemOf<Kind>>>>>(
        query,
        (all) => reader.waitFor(kind, all, show<ItemOf<Kind>>),
      ),
    attributes: <Kind extends ItemKind>(kind: Kind, query: Plain<AttributesQuery<FilterOf<Kind>>>) =>
      answered<AttributesQuery<FilterOf<Kind>>, AttributesList<AttributeUse>>(query, (all) =>
        reader.attributes(kind, all, show<AttributeUse>),
      ),
    metrics: (query: Plain<MetricsQuery>) =>
      answered<MetricsQuery, MetricsList<MetricUse>>(query, (all) => reader.metrics(all, show<MetricUse>)),
    serviceGraph: (query: Plain<GraphQuery>) =>
      answered<GraphQuery, ServiceGraph<ServiceCalls>>(query, (all) =>
        reader.serviceGraph(all, show<ServiceCalls>),
      ),
    traceOutline: (traceId: TraceId, query: Plain<OutlineQuery> = {}) =>
      answered<OutlineQuery, TraceOutline<OutlineNode>>(query, (all) =>
        reader.traceOutline(traceId, all, show<OutlineNode>),
      ),
    getTrace: (traceId: TraceId, query: Plain<TraceQuery> = {}) =>
      answered<TraceQuery, Awaited<ReturnType<typeof reader.getTrace<Span>>>>(query, (all) =>
        reader.getTrace(traceId, all, show<Span>),
      ),
    summarizeSpans: (query: Plain<FiguresQuery<SpanFilter>>) =>
      answered<FiguresQuery<SpanFilter>, SpanSummaries<SpanSummary>>(query, (all) =>
        reader.summarizeSpans(all, show<SpanSummary>),
      ),
    countOverTime: <Kind extends ItemKind>(kind: Kind, query: Plain<HistogramQuery<FilterOf<Kind>>>) =>
      answered<HistogramQuery<FilterOf<Kind>>, Histogram<GroupOverTime>>(query, (all) =>
        reader.countOverTime(kind, all, show<GroupOverTime>),
      ),
    queryMetric: (query: Plain<SeriesQuery>) =>
      answered<SeriesQuery, SeriesAnswer<ShownSeries>>(query, (all) =>
        reader.queryMetric(all, show<ShownSeries>),
      ),
    searchProfiles: (query: Plain<ProfilesQuery>) =>
      answered<ProfilesQuery, Page<Profile>>(query, (all) => reader.searchProfiles(all, show<Profile>)),
    getProfile: (query: Plain<ProfileQuery>) =>
      answered<ProfileQuery, ProfileAnswer<FoldedStack>>(query, (all) =>
        reader.getProfile(all, show<FoldedStack>),
      ),
    services: (query: Plain<ServicesQuery> = {}) =>
      reader.services({ ...query, share: answers.open() }, show<ServiceItems>),
  };
}
