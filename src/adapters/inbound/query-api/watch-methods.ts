import type { Duration } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { ItemKind } from "../../../domain/item-kind.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { TailQuery } from "../../../use-cases/read/tail.ts";
import type { WaitQuery } from "../../../use-cases/read/wait-for.ts";
import { apiJsonOptions } from "../connect/request-json.ts";
import { listAnswer } from "../connect/sliced-answer.ts";
import { durationNano } from "../connect/time-arguments.ts";
import { type FilterMessage, filterOf, itemMessages } from "./item-messages.ts";

/** The methods of `obsvty.v1.QueryService` that last: `Tail` and `WaitFor`. */
export function registerWatchMethods(router: ConnectRouter, { reader, turns }: Core): void {
  const { tail, waitFor } = pb.QueryService.method;

  router.rpc(
    tail,
    async function* (request, context) {
      yield* tailOf(wanted(request), toTailQuery(request, context));
    },
    { jsonOptions: apiJsonOptions(tail.input) },
  );

  router.rpc(waitFor, (request, context) => waitOf(wanted(request), toWaitQuery(request, context), context), {
    jsonOptions: apiJsonOptions(waitFor.input),
  });

  async function* tailOf<Kind extends ItemKind>(
    { case: kind, value }: WantedItems<Kind>,
    query: TailQuery<never>,
  ) {
    const toMessage = itemMessages(reader, kind);
    const filter = filterOf(kind, value, kind);
    for await (const { items, cursor, missed } of reader.tail(kind, { ...query, filter })) {
      yield { [kind]: items.map(toMessage), cursor, missed: BigInt(missed) };
    }
  }

  async function waitOf<Kind extends ItemKind>(
    { case: kind, value }: WantedItems<Kind>,
    query: WaitQuery<never>,
    context: HandlerContext,
  ) {
    const filter = filterOf(kind, value, kind);
    const { items, matched, cursor, missed } = await reader.waitFor(kind, { ...query, filter });
    const rest = { matched, cursor, missed: BigInt(missed) };
    return listAnswer(turns, context, waitFor.output, kind, items, itemMessages(reader, kind), rest);
  }
}

/** The member of a request's oneof: a kind of items, and the filter for them. */
interface WantedItems<Kind extends ItemKind> {
  readonly case: Kind;
  readonly value: FilterMessage<Kind>;
}

function wanted({ filter }: pb.TailRequest | pb.WaitForRequest): WantedItems<ItemKind> {
  if (filter.case === undefined) {
    throw new ObsvtyError("invalid-argument", "spans, logs or metrics: one must be set, {} for all of them");
  }
  return filter;
}

/** Protobuf cannot tell "" from absent here: both mean the default, like 0 below. */
function toTailQuery({ after }: { readonly after: string }, { signal }: HandlerContext): TailQuery<never> {
  return { ...(after !== "" && { after }), abort: signal };
}

function toWaitQuery(request: pb.WaitForRequest, context: HandlerContext): WaitQuery<never> {
  const { minCount } = request;
  const timeoutMs = toMs(request.timeout, "timeout");
  return {
    ...toTailQuery(request, context),
    ...(minCount !== 0 && { minCount }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

/** Rounded up, so that a wait never ends before its time. */
function toMs(duration: Duration | undefined, field: string): number | undefined {
  const nano = durationNano(duration, field);
  return nano === undefined ? undefined : Math.ceil(Number(nano) / 1e6);
}
