import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import type { FilterMessage } from "../../../api/item-schemas.ts";
import { parseTraceId } from "../../../domain/ids.ts";
import type { ItemKind } from "../../../domain/item-kind.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { AnswerShare } from "../../../use-cases/read/answer-memory.ts";
import type { Page } from "../../../use-cases/read/page-query.ts";
import { apiMethodsOf } from "../api/api-methods.ts";
import { joinJson, type ListEncoding, listEncoding } from "../api/list-answer.ts";
import { withAnswerShare } from "./answer-share.ts";
import { registerFigureMethods } from "./figure-methods.ts";
import { toAnswerQuery, toPageQuery, wantedSpans } from "./from-proto.ts";
import { itemMessages, readFilter, readWithout, traceMessages } from "./item-messages.ts";
import { registerListMethods } from "./list-methods.ts";
import { showOutlineSpan } from "./outline-json.ts";
import { toOutlineAnswer, toOutlineSpan } from "./outline-to-proto.ts";
import { registerProfileMethods } from "./profile-methods.ts";
import { registerSeriesMethods } from "./series-methods.ts";
import { toLimitUse, toService, toSignalStats, toSinkStats } from "./stats-to-proto.ts";
import { registerWatchMethods } from "./watch-methods.ts";

/** `obsvty.v1.QueryService`. Refusals are thrown as ObsvtyError, for the router's interceptor to translate. */
export function registerQueryService(router: ConnectRouter, core: Core): void {
  const { reader, handOn, limits } = core;
  const add = apiMethodsOf(router);
  const { method } = pb.QueryService;

  add(method.listServices, (request, context) => {
    const { encode, answer } = listEncoding(context, method.listServices.output, "services");
    return withAnswerShare(core, context, async (share) => {
      const { limit } = request;
      const query = { ...toAnswerQuery(request, context, share), ...(limit !== 0 && { limit }) };
      const { services, cursor } = await reader.services(query, (service) => encode(toService(service)));
      return answer(services, { cursor });
    });
  });

  add(method.getStats, () => ({
    cursor: reader.newestCursor(),
    signals: Object.fromEntries(
      Object.entries(reader.stats()).map(([signal, stats]) => [signal, toSignalStats(stats)]),
    ),
    sinks: Object.fromEntries((handOn?.states() ?? []).map((sink) => [sink.name, toSinkStats(sink)])),
    limits: Object.fromEntries([...limits.uses()].map(([setting, use]) => [setting, toLimitUse(use)])),
  }));

  add(method.clear, () => {
    const refusal = handOn?.refusalOfClear();
    if (refusal !== undefined) throw refusal;
    return { cleared: BigInt(reader.clear()) };
  });

  add(method.searchSpans, searchOf("spans", method.searchSpans.output));
  add(method.searchLogs, searchOf("logs", method.searchLogs.output));
  add(method.searchMetrics, searchOf("metrics", method.searchMetrics.output));

  add(method.searchTraces, async (request, context) => {
    const filter = await readFilter("spans", request.filter, "filter");
    const without = await readWithout(request.without);
    const toMessage = traceMessages(reader);
    return listAnswer(context, method.searchTraces.output, "traces", (encode, share) =>
      reader.searchTraces({ filter, without, ...toPageQuery(request, context, share) }, (trace) =>
        encode(toMessage(trace)),
      ),
    );
  });

  add(method.getTrace, async (request, context) => {
    const traceId = parseTraceId(request.traceId, "trace_id");
    const spanIds = wantedSpans(request.spanIds);
    const toMessage = itemMessages(reader, "spans");
    return listAnswer(context, method.getTrace.output, "spans", (encode, share) => {
      const query = { ...toAnswerQuery(request, context, share), ...(spanIds && { spanIds }) };
      return reader.getTrace(traceId, query, (span) => encode(toMessage(span)));
    });
  });

  add(method.getTraceOutline, async (request, context) => {
    const traceId = parseTraceId(request.traceId, "trace_id");
    const { name, encode, answer } = listEncoding(context, method.getTraceOutline.output, "spans");
    return withAnswerShare(core, context, async (share) => {
      const query = toAnswerQuery({ after: "", maxBytes: request.maxBytes }, context, share);
      const outline = await (name === "JSON"
        ? reader.traceOutline(traceId, query, showOutlineSpan, joinJson)
        : reader.traceOutline(traceId, query, (node) => encode(toOutlineSpan(node))));
      return answer(outline.spans, toOutlineAnswer(outline));
    });
  });

  registerFigureMethods(add, core);
  registerListMethods(add, core);
  registerProfileMethods(add, core);
  registerSeriesMethods(add, core);
  registerWatchMethods(add, core);

  /** The search of one kind of items, which are in the answer's list of the same name. */
  function searchOf<Kind extends ItemKind, Answer extends DescMessage>(
    kind: Kind & keyof Answer["field"],
    answer: Answer,
  ) {
    const toMessage = itemMessages<Kind>(reader, kind);
    return async (request: SearchRequest<Kind>, context: HandlerContext): Promise<MessageShape<Answer>> => {
      const filter = await readFilter<Kind>(kind, request.filter, "filter");
      const latest = request.latest === true;
      return listAnswer(context, answer, kind, (encode, share) =>
        reader.search<Kind, Uint8Array>(
          kind,
          { filter, latest, ...toPageQuery(request, context, share) },
          (item) => encode(toMessage(item)),
        ),
      );
    };
  }

  /** The answer of a method that pages. */
  async function listAnswer<Answer extends DescMessage>(
    context: HandlerContext,
    schema: Answer,
    list: string & keyof Answer["field"],
    read: (encode: ListEncoding<Answer>["encode"], share: AnswerShare) => Promise<Page<Uint8Array>>,
  ): Promise<MessageShape<Answer>> {
    const { encode, answer } = listEncoding(context, schema, list);
    return withAnswerShare(core, context, async (share) => {
      const { items, cursor, previous, missed, unreadable } = await read(encode, share);
      const rest = { cursor, previous, missed: BigInt(missed), unreadable: BigInt(unreadable) };
      // GetTrace has no `previous`, which is then left out.
      return answer(items, rest as unknown as MessageInitShape<Answer>);
    });
  }
}

type SearchRequest<Kind extends ItemKind> = Parameters<typeof toPageQuery>[0] & {
  readonly filter?: FilterMessage<Kind> | undefined;
  readonly latest?: boolean;
};
