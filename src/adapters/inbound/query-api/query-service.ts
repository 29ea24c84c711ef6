import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { parseTraceId } from "../../../domain/ids.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { SearchQuery, SearchResult } from "../../../use-cases/read/search.ts";
import { apiMethodsOf } from "../connect/api-methods.ts";
import { listAnswer } from "../connect/sliced-answer.ts";
import { logFilter, metricFilter, spanFilter } from "./from-proto.ts";
import { itemMessages } from "./item-messages.ts";
import { registerWatchMethods } from "./watch-methods.ts";

/** `obsvty.v1.QueryService`. Refusals are thrown as ObsvtyError, for the router's interceptor to translate. */
export function registerQueryService(router: ConnectRouter, core: Core): void {
  const { reader, turns } = core;
  const add = apiMethodsOf(router);
  const { method } = pb.QueryService;
  const { span, trace, log, point } = itemMessages(reader);

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
          injected: BigInt(stats.injected),
        },
      ]),
    ),
  }));

  add(method.clear, () => ({ cleared: BigInt(reader.clear()) }));

  add(method.searchSpans, async (request, context) => {
    const result = await reader.searchSpans(toQuery(request, spanFilter(request.filter), context));
    return listAnswer(
      turns,
      context,
      pb.SearchSpansResponseSchema,
      "spans",
      result.items,
      span,
      page(result),
    );
  });

  add(method.searchTraces, async (request, context) => {
    const result = await reader.searchTraces(toQuery(request, spanFilter(request.filter), context));
    return listAnswer(
      turns,
      context,
      pb.SearchTracesResponseSchema,
      "traces",
      result.items,
      trace,
      page(result),
    );
  });

  add(method.getTrace, async (request, context) => {
    const spans = await reader.getTrace(parseTraceId(request.traceId, "trace_id"), context.signal);
    return listAnswer(turns, context, pb.GetTraceResponseSchema, "spans", spans, span, {});
  });

  add(method.searchLogs, async (request, context) => {
    const result = await reader.searchLogs(toQuery(request, logFilter(request.filter), context));
    return listAnswer(turns, context, pb.SearchLogsResponseSchema, "logs", result.items, log, page(result));
  });

  add(method.searchMetrics, async (request, context) => {
    const query = toQuery(request, metricFilter(request.filter), context);
    const result = await reader.searchMetrics({ ...query, latest: request.latest });
    return listAnswer(
      turns,
      context,
      pb.SearchMetricsResponseSchema,
      "metrics",
      result.items,
      point,
      page(result),
    );
  });

  registerWatchMethods(router, core);
}

function page({ cursor, missed }: SearchResult<unknown>) {
  return { cursor, missed: BigInt(missed) };
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
    abort: signal,
  };
}
