import type { HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import type { ItemKind } from "../../../domain/item-kind.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { AddApiMethod } from "../api/api-methods.ts";
import { listEncoding } from "../api/list-answer.ts";
import { withAnswerShare } from "./answer-share.ts";
import {
  toCountAnswer,
  toCountGroup,
  toGraphAnswer,
  toServiceCalls,
  toSpanGroup,
  toSummaryAnswer,
} from "./figures-to-proto.ts";
import { toFiguresQuery, toListQuery } from "./from-proto.ts";
import { readFilter, type WantedItems, wanted } from "./item-messages.ts";

/** The methods of `obsvty.v1.QueryService` that count. */
export function registerFigureMethods(add: AddApiMethod, core: Core): void {
  const { reader } = core;
  const { summarizeSpans, countOverTime, getServiceGraph } = pb.QueryService.method;

  add(summarizeSpans, async (request, context) => {
    const filter = await readFilter("spans", request.filter, "filter");
    const { encode, answer } = listEncoding(context, summarizeSpans.output, "groups");
    return withAnswerShare(core, context, async (share) => {
      const query = toFiguresQuery("spans", request, context, share);
      const { groupBy } = query;
      const result = await reader.summarizeSpans({ ...query, filter }, (group) =>
        encode(toSpanGroup(groupBy, group, reader.itemCursor("traces", group.ordinal))),
      );
      return answer(result.groups, toSummaryAnswer(result));
    });
  });

  add(getServiceGraph, async (request, context) => {
    const filter = await readFilter("spans", request.filter, "filter");
    const { encode, answer } = listEncoding(context, getServiceGraph.output, "calls");
    return withAnswerShare(core, context, async (share) => {
      const query = { ...toListQuery(request, context, share), filter };
      const graph = await reader.serviceGraph(query, (calls) => encode(toServiceCalls(calls)));
      return answer(graph.calls, toGraphAnswer(graph));
    });
  });

  add(countOverTime, (request, context) => countOf(wanted(request), request, context));

  async function countOf<Kind extends ItemKind>(
    { case: kind, value }: WantedItems<Kind>,
    request: pb.CountOverTimeRequest,
    context: HandlerContext,
  ) {
    const filter = await readFilter(kind, value, kind);
    const { encode, answer } = listEncoding(context, countOverTime.output, "groups");
    return withAnswerShare(core, context, async (share) => {
      const { buckets } = request;
      const query = {
        ...toFiguresQuery(kind, request, context, share),
        filter,
        ...(buckets !== 0 && { buckets }),
      };
      const result = await reader.countOverTime(kind, query, (group) =>
        encode(toCountGroup(query.groupBy, group)),
      );
      return answer(result.groups, toCountAnswer(result));
    });
  }
}
