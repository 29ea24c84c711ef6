import type { DescMessage, DescMethodUnary } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext, MethodImpl } from "@connectrpc/connect";
import { QueryService } from "../../../../gen/obsvty/v1/query_pb.ts";
import { parseTraceId } from "../../../domain/ids.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { SearchQuery } from "../../../use-cases/search.ts";
import { logFilter, metricFilter, spanFilter } from "./from-proto.ts";
import { toMetricPoint } from "./metric-to-proto.ts";
import { apiJsonOptions } from "./request-json.ts";
import { toLogRecord, toSpan, toTraceSummary } from "./to-proto.ts";

/** `obsvty.v1.QueryService`. Refusals are thrown as ObsvtyError, for the router's interceptor to translate. */
export function registerQueryService(router: ConnectRouter, { reader }: Core): void {
  function add<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    implementation: MethodImpl<DescMethodUnary<I, O>>,
  ): void {
    router.rpc(method, implementation, { jsonOptions: apiJsonOptions(method.input) });
  }
  const { method } = QueryService;

  add(method.listServices, () => ({
    services: reader.services().map(({ name, items }) => ({
      name,
      spans: BigInt(items.traces),
      logs: BigInt(items.logs),
      metrics: BigInt(items.metrics),
      profiles: BigInt(items.profiles),
    })),
  }));

  add(method.getStats, () => ({
    cursor: reader.newestCursor(),
    signals: Object.fromEntries(
      Object.entries(reader.stats()).map(([signal, stats]) => [
        signal,
        {
          items: BigInt(stats.items),
          bytes: BigInt(stats.bytes),
          accepted: BigInt(stats.accepted),
          rejected: BigInt(stats.rejected),
          refused: BigInt(stats.refused),
          evicted: BigInt(stats.evicted),
        },
      ]),
    ),
  }));

  add(method.clear, () => ({ cleared: BigInt(reader.clear()) }));

  add(method.searchSpans, async (request, context) => {
    const result = await reader.searchSpans(toQuery(request, spanFilter(request.filter), context));
    return {
      spans: result.items.map((span) => toSpan(span, reader.itemCursor("traces", span.ordinal))),
      cursor: result.cursor,
      missed: BigInt(result.missed),
    };
  });

  add(method.searchTraces, async (request, context) => {
    const result = await reader.searchTraces(toQuery(request, spanFilter(request.filter), context));
    return {
      traces: result.items.map((trace) => toTraceSummary(trace, reader.itemCursor("traces", trace.ordinal))),
      cursor: result.cursor,
      missed: BigInt(result.missed),
    };
  });

  add(method.getTrace, async (request, context) => {
    const spans = await reader.getTrace(parseTraceId(request.traceId, "trace_id"), context.signal);
    return { spans: spans.map((span) => toSpan(span, reader.itemCursor("traces", span.ordinal))) };
  });

  add(method.searchLogs, async (request, context) => {
    const result = await reader.searchLogs(toQuery(request, logFilter(request.filter), context));
    return {
      logs: result.items.map((log) => toLogRecord(log, reader.itemCursor("logs", log.ordinal))),
      cursor: result.cursor,
      missed: BigInt(result.missed),
    };
  });

  add(method.searchMetrics, async (request, context) => {
    const query = toQuery(request, metricFilter(request.filter), context);
    const result = await reader.searchMetrics({ ...query, latest: request.latest });
    return {
      metrics: result.items.map((point) => toMetricPoint(point, reader.itemCursor("metrics", point.ordinal))),
      cursor: result.cursor,
      missed: BigInt(result.missed),
    };
  });
}

/** Protobuf cannot tell 0 and "" from absent here: both mean the default. */
function toQuery<Filter>(
  { limit, after }: { readonly limit: number; readonly after: string },
  filter: Filter,
  { signal }: HandlerContext,
): SearchQuery<Filter> {
  return {
    filter,
    ...(limit !== 0 && { limit }),
    ...(after !== "" && { after }),
    abortSignal: signal,
  };
}
