import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { parseTraceId } from "../../../domain/ids.ts";
import type { ItemKind } from "../../../domain/item-kind.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { SearchQuery, SearchResult } from "../../../use-cases/read/search.ts";
import { apiMethodsOf } from "../connect/api-methods.ts";
import { listAnswer } from "../connect/sliced-answer.ts";
import { type FilterMessage, filterOf, itemMessages, traceMessages } from "./item-messages.ts";
import { registerWatchMethods } from "./watch-methods.ts";

/** `obsvty.v1.QueryService`. Refusals are thrown as ObsvtyError, for the router's interceptor to translate. */
export function registerQueryService(router: ConnectRouter, core: Core): void {
  const { reader, turns } = core;
  const add = apiMethodsOf(router);
  const { method } = pb.QueryService;

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

  add(method.searchSpans, searchOf("spans", pb.SearchSpansResponseSchema));
  add(method.searchLogs, searchOf("logs", pb.SearchLogsResponseSchema));
  add(method.searchMetrics, searchOf("metrics", pb.SearchMetricsResponseSchema));

  add(method.searchTraces, async (request, context) => {
    const filter = filterOf("spans", request.filter, "filter");
    const result = await reader.searchTraces({ filter, ...toPage(request, context) });
    const { searchTraces } = method;
    return listAnswer(
      turns,
      context,
      searchTraces.output,
      "traces",
      result.items,
      traceMessages(reader),
      page(result),
    );
  });

  add(method.getTrace, async (request, context) => {
    const spans = await reader.getTrace(parseTraceId(request.traceId, "trace_id"), context.signal);
    return listAnswer(
      turns,
      context,
      method.getTrace.output,
      "spans",
      spans,
      itemMessages(reader, "spans"),
      {},
    );
  });

  registerWatchMethods(router, core);

  /** The search of one kind of items, which are in the answer's list of the same name. */
  function searchOf<Kind extends ItemKind, Answer extends DescMessage>(
    kind: Kind & keyof Answer["field"],
    answer: Answer,
  ) {
    return async (
      request: PageRequest & { readonly filter?: FilterMessage<Kind> | undefined; readonly latest?: boolean },
      context: HandlerContext,
    ): Promise<MessageShape<Answer>> => {
      const result = await reader.search<Kind>(kind, {
        filter: filterOf<Kind>(kind, request.filter, "filter"),
        latest: request.latest === true,
        ...toPage(request, context),
      });
      const rest = page(result) as unknown as MessageInitShape<Answer>;
      return listAnswer(turns, context, answer, kind, result.items, itemMessages<Kind>(reader, kind), rest);
    };
  }
}

interface PageRequest {
  readonly limit: number;
  readonly after: string;
}

function page({ cursor, missed }: SearchResult<unknown>) {
  return { cursor, missed: BigInt(missed) };
}

/** Protobuf cannot tell 0 and "" from absent here: both mean the default. */
function toPage(
  { limit, after }: PageRequest,
  { signal }: HandlerContext,
): Omit<SearchQuery<never>, "filter"> {
  return { ...(limit !== 0 && { limit }), ...(after !== "" && { after }), abort: signal };
}
