import { create } from "@bufbuild/protobuf";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import { type MetricFunction, metricFunctions } from "../../../domain/metric-function.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { ShownSeries } from "../../../use-cases/read/series/query-metric.ts";
import type { AddApiMethod } from "../api/api-methods.ts";
import { listEncoding } from "../api/list-answer.ts";
import { durationNano } from "../api/time-arguments.ts";
import { withAnswerShare } from "./answer-share.ts";
import { toGroup } from "./figures-to-proto.ts";
import { toFiguresQuery } from "./from-proto.ts";
import { readFilter } from "./item-messages.ts";
import { toExemplar } from "./metric-to-proto.ts";
import { toMetricType } from "./metric-types.ts";
import { toDurationOf, toKnownTimestamp } from "./to-proto.ts";

/** The method of `obsvty.v1.QueryService` that tells a metric over time. */
export function registerSeriesMethods(add: AddApiMethod, core: Core): void {
  const { reader } = core;
  const { queryMetric } = pb.QueryService.method;

  add(queryMetric, async (request, context) => {
    const filter = await readFilter("metrics", request.filter, "filter");
    const asked = functionOf(request.function);
    const stepNano = durationNano(request.step, "step");
    const { encode, answer } = listEncoding(context, queryMetric.output, "series");
    return withAnswerShare(core, context, async (share) => {
      const query = {
        ...toFiguresQuery("metrics", request, context, share),
        name: request.name,
        filter,
        function: asked,
        stepNano,
      };
      const { series, steps, type, unreadable, ...rest } = await reader.queryMetric(query, (shown) =>
        encode(toSeries(shown)),
      );
      return answer(series, {
        ...rest,
        type: toMetricType(type),
        unreadable: BigInt(unreadable),
        ...(steps && {
          startTime: toKnownTimestamp(steps.startUnixNano),
          step: toDurationOf(Number(steps.stepNano)),
          steps: steps.count,
        }),
      });
    });
  });
}

function functionOf(text: string): MetricFunction | undefined {
  if (text === "") return undefined;
  const known = metricFunctions.find((each) => each === text);
  if (known === undefined) throw invalidArgument("function", `must be one of ${metricFunctions.join(", ")}`);
  return known;
}

function toSeries({ drawn, steps }: ShownSeries): pb.MetricSeries {
  const points: pb.SeriesPoint[] = [];
  for (let step = 0; step < steps.count; step++) {
    const value = drawn.valueAt(step);
    if (value === undefined) continue;
    const time = toKnownTimestamp(steps.startUnixNano + BigInt(step) * steps.stepNano);
    const exemplars = drawn
      .exemplarsAt(step)
      .map((exemplar) => create(pb.ExemplarSchema, toExemplar(exemplar)));
    points.push(create(pb.SeriesPointSchema, { time, value, exemplars }));
  }
  const { by, values, bucket } = drawn;
  return create(pb.MetricSeriesSchema, { group: toGroup(by, values), points, ...(bucket && { bucket }) });
}
