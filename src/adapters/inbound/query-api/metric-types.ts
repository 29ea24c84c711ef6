import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { type MetricType, metricTypes } from "../../../domain/telemetry.ts";

/** The types of metrics, as the API has them. */
const typesInApi = {
  gauge: pb.MetricType.GAUGE,
  sum: pb.MetricType.SUM,
  histogram: pb.MetricType.HISTOGRAM,
  "exponential-histogram": pb.MetricType.EXPONENTIAL_HISTOGRAM,
  summary: pb.MetricType.SUMMARY,
} as const satisfies Record<MetricType, pb.MetricType>;

export function toMetricType(type: MetricType): pb.MetricType {
  return typesInApi[type];
}

/** Undefined for a number that is no type of a metric. */
export function fromMetricType(type: pb.MetricType): MetricType | undefined {
  return metricTypes.find((each) => typesInApi[each] === type);
}
