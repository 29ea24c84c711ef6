import type { Duration } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { EventLoopTurns } from "../../../use-cases/read/event-loop-turns.ts";
import type { SearchResult } from "../../../use-cases/read/search.ts";
import type { TailQuery } from "../../../use-cases/read/tail.ts";
import type { WaitQuery, WaitResult } from "../../../use-cases/read/wait-for.ts";
import { apiJsonOptions } from "../connect/request-json.ts";
import { listAnswer } from "../connect/sliced-answer.ts";
import { durationNano } from "../connect/time-arguments.ts";
import { logFilter, metricFilter, spanFilter } from "./from-proto.ts";
import { itemMessages } from "./item-messages.ts";

type ListName = "spans" | "logs" | "metrics";

/** The methods of `obsvty.v1.QueryService` that last: `Tail` and `WaitFor`. */
export function registerWatchMethods(router: ConnectRouter, { reader, turns }: Core): void {
  const { span, log, point } = itemMessages(reader);
  const { tail, waitFor } = pb.QueryService.method;

  router.rpc(
    tail,
    async function* (request, context) {
      const { filter } = request;
      switch (filter.case) {
        case "spans": {
          const query = toTailQuery(request, spanFilter(filter.value, "spans"), context);
          return yield* tailAnswers(reader.tailSpans(query), "spans", span);
        }
        case "logs": {
          const query = toTailQuery(request, logFilter(filter.value, "logs"), context);
          return yield* tailAnswers(reader.tailLogs(query), "logs", log);
        }
        case "metrics": {
          const query = toTailQuery(request, metricFilter(filter.value, "metrics"), context);
          return yield* tailAnswers(reader.tailMetrics(query), "metrics", point);
        }
        default:
          throw noFilter();
      }
    },
    { jsonOptions: apiJsonOptions(tail.input) },
  );

  router.rpc(
    waitFor,
    async (request, context) => {
      const { filter } = request;
      switch (filter.case) {
        case "spans": {
          const query = toWaitQuery(request, spanFilter(filter.value, "spans"), context);
          return waitAnswer(turns, context, await reader.waitForSpans(query), "spans", span);
        }
        case "logs": {
          const query = toWaitQuery(request, logFilter(filter.value, "logs"), context);
          return waitAnswer(turns, context, await reader.waitForLogs(query), "logs", log);
        }
        case "metrics": {
          const query = toWaitQuery(request, metricFilter(filter.value, "metrics"), context);
          return waitAnswer(turns, context, await reader.waitForMetrics(query), "metrics", point);
        }
        default:
          throw noFilter();
      }
    },
    { jsonOptions: apiJsonOptions(waitFor.input) },
  );
}

async function* tailAnswers<Item>(
  batches: AsyncIterable<SearchResult<Item>>,
  list: ListName,
  toMessage: (item: Item) => object,
) {
  for await (const { items, cursor, missed } of batches) {
    yield { [list]: items.map(toMessage), cursor, missed: BigInt(missed) };
  }
}

function waitAnswer<Item>(
  turns: EventLoopTurns,
  context: HandlerContext,
  { items, matched, cursor, missed }: WaitResult<Item>,
  list: ListName,
  toMessage: (item: Item) => object,
) {
  const rest = { matched, cursor, missed: BigInt(missed) };
  return listAnswer(turns, context, pb.WaitForResponseSchema, list, items, toMessage, rest);
}

/** Protobuf cannot tell "" from absent here: both mean the default, like 0 below. */
function toTailQuery<Filter>(
  { after }: { readonly after: string },
  filter: Filter,
  { signal }: HandlerContext,
): TailQuery<Filter> {
  return { filter, ...(after !== "" && { after }), abort: signal };
}

function toWaitQuery<Filter>(
  request: pb.WaitForRequest,
  filter: Filter,
  context: HandlerContext,
): WaitQuery<Filter> {
  const { minCount } = request;
  const timeoutMs = toMs(request.timeout, "timeout");
  return {
    ...toTailQuery(request, filter, context),
    ...(minCount !== 0 && { minCount }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

/** Rounded up: not to give up before the time. */
function toMs(duration: Duration | undefined, field: string): number | undefined {
  const nano = durationNano(duration, field);
  return nano === undefined ? undefined : Math.ceil(Number(nano) / 1e6);
}

function noFilter(): ObsvtyError {
  return new ObsvtyError("invalid-argument", "spans, logs or metrics: one must be set, {} for all of them");
}
