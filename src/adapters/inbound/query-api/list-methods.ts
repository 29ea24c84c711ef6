import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import type { ItemKind } from "../../../domain/item-kind.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { AttributeUse } from "../../../use-cases/read/lists/list-attributes.ts";
import type { MetricUse } from "../../../use-cases/read/lists/list-metrics.ts";
import type { AddApiMethod } from "../api/api-methods.ts";
import { listEncoding } from "../api/list-answer.ts";
import { withAnswerShare } from "./answer-share.ts";
import { toListQuery } from "./from-proto.ts";
import { readFilter, type WantedItems, wanted } from "./item-messages.ts";
import { toMetricType } from "./metric-types.ts";
import { toTimestamp } from "./to-proto.ts";

/** The methods of `obsvty.v1.QueryService` that list what items have. */
export function registerListMethods(add: AddApiMethod, core: Core): void {
  const { reader } = core;
  const { listAttributes, listMetrics } = pb.QueryService.method;

  add(listAttributes, (request, context) => attributesOf(wanted(request), request, context));

  add(listMetrics, async (request, context) => {
    const filter = await readFilter("metrics", request.filter, "filter");
    const { encode, answer } = listEncoding(context, listMetrics.output, "metrics");
    return withAnswerShare(core, context, async (share) => {
      const query = { ...toListQuery(request, context, share), filter };
      const { metrics, unreadable, ...rest } = await reader.metrics(query, (metric) =>
        encode(toMetric(metric)),
      );
      return answer(metrics, { ...rest, unreadable: BigInt(unreadable) });
    });
  });

  async function attributesOf<Kind extends ItemKind>(
    { case: kind, value }: WantedItems<Kind>,
    request: pb.ListAttributesRequest,
    context: HandlerContext,
  ) {
    const { prefix, values, maxItems } = request;
    const filter = await readFilter(kind, value, kind);
    const { encode, answer } = listEncoding(context, listAttributes.output, "attributes");
    return withAnswerShare(core, context, async (share) => {
      const query = {
        ...toListQuery(request, context, share),
        filter,
        prefix,
        ...(values !== 0 && { values }),
        ...(maxItems !== 0 && { maxItems }),
      };
      const found = await reader.attributes(kind, query, (use) => encode(toAttributeKey(use)));
      const { attributes, isWhole: whole, unreadable, ...rest } = found;
      return answer(attributes, { ...rest, whole, unreadable: BigInt(unreadable) });
    });
  }
}

function toAttributeKey({ key, count, values, distinct }: AttributeUse): pb.AttributeKey {
  return create(pb.AttributeKeySchema, { key, count, values: [...values], distinctValues: distinct });
}

function toMetric({ type, services, newestUnixNano, ...rest }: MetricUse): pb.Metric {
  return create(pb.MetricSchema, {
    ...rest,
    type: toMetricType(type),
    services: [...services],
    newestTime: toTimestamp(newestUnixNano),
  });
}
