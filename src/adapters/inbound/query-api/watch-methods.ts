import type { HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import type { ItemKind, ItemOf } from "../../../domain/item-kind.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { AnswerShare } from "../../../use-cases/read/answer-memory.ts";
import type { RequestsQuery } from "../../../use-cases/read/read-requests.ts";
import type { TailQuery } from "../../../use-cases/read/tail.ts";
import type { WaitQuery } from "../../../use-cases/read/wait-for.ts";
import type { AddApiMethod } from "../api/api-methods.ts";
import { listEncoding } from "../api/list-answer.ts";
import { durationMs } from "../api/time-arguments.ts";
import { clientKeyOf } from "../connect/call.ts";
import { withAnswerShare } from "./answer-share.ts";
import { toAnswerQuery } from "./from-proto.ts";
import { itemMessages, readFilter, type WantedItems, wanted } from "./item-messages.ts";
import { profileFilter } from "./profile-methods.ts";

/** The methods of `obsvty.v1.QueryService` that last: `Tail`, `WaitFor` and `ReadRequests`. */
export function registerWatchMethods(add: AddApiMethod, core: Core): void {
  const { reader } = core;
  const { tail, waitFor, readRequests } = pb.QueryService.method;

  add(tail, async function* (request, context) {
    yield* tailOf(wanted(request), watchQuery(request, context), context);
  });

  add(waitFor, (request, context) => waitOf(wanted(request), request, context));

  add(readRequests, async function* (request, context) {
    const batches = await requestsOf(request, watchQuery(request, context));
    for await (const { missed, unreadable, items, requests, cursor } of batches) {
      yield {
        requests: requests as Uint8Array<ArrayBuffer>[],
        items: BigInt(items),
        cursor,
        missed: BigInt(missed),
        unreadable: BigInt(unreadable),
      };
    }
  });

  async function requestsOf(request: pb.ReadRequestsRequest, query: RequestsQuery) {
    if (request.filter.case === "profiles") {
      const [given] = Object.keys(profileFilter(request.filter.value, "profiles"));
      // The profiles of one request share a dictionary.
      if (given !== undefined)
        throw invalidArgument("profiles", "must be {}: requests of profiles are whole");
      return reader.requestsOf("profiles", query);
    }
    const { case: kind, value } = wanted(request, "spans, logs, metrics or profiles");
    return reader.requests(kind, { ...query, filter: await readFilter(kind, value, kind) });
  }

  async function* tailOf<Kind extends ItemKind>(
    { case: kind, value }: WantedItems<Kind>,
    query: TailQuery<never>,
    context: HandlerContext,
  ) {
    const toMessage = itemMessages(reader, kind);
    const { name, encode, answer } = listEncoding(context, tail.output, kind);
    const filter = await readFilter(kind, value, kind);
    const show = (item: ItemOf<Kind>) => encode(toMessage(item));
    for await (const batch of reader.tail(kind, { ...query, filter, shownAs: name }, show)) {
      const { items, cursor, missed, unreadable } = batch;
      yield answer(items, { cursor, missed: BigInt(missed), unreadable: BigInt(unreadable) });
    }
  }

  async function waitOf<Kind extends ItemKind>(
    { case: kind, value }: WantedItems<Kind>,
    request: pb.WaitForRequest,
    context: HandlerContext,
  ) {
    const toMessage = itemMessages(reader, kind);
    const filter = await readFilter(kind, value, kind);
    const { encode, answer } = listEncoding(context, waitFor.output, kind);
    return withAnswerShare(core, context, async (share) => {
      const query = { ...toWaitQuery(request, context, share), filter };
      const result = await reader.waitFor(kind, query, (item) => encode(toMessage(item)));
      const { items, matched, cursor, missed, unreadable } = result;
      return answer(items, { matched, cursor, missed: BigInt(missed), unreadable: BigInt(unreadable) });
    });
  }
}

/** What the streams have in common. */
function watchQuery({ after }: { readonly after: string }, context: HandlerContext) {
  return { ...(after !== "" && { after }), client: clientKeyOf(context), abort: context.signal };
}

function toWaitQuery(
  request: pb.WaitForRequest,
  context: HandlerContext,
  share: AnswerShare,
): WaitQuery<never> {
  const { minCount } = request;
  const timeoutMs = durationMs(request.timeout, "timeout");
  return {
    ...toAnswerQuery(request, context, share),
    client: clientKeyOf(context),
    ...(minCount !== 0 && { minCount }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}
