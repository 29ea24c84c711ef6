import { type Metric, MetricSchema } from "../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { MetricPoint, MetricType } from "../../domain/telemetry.ts";
import { fromKeyValues } from "./any-value.ts";
import { maxCost, readBounded } from "./bounded-message.ts";
import { onceForSameBytes } from "./shared-bytes.ts";

/** The fields that all points of one metric share. */
type MetricFields = Pick<
  MetricPoint,
  "name" | "description" | "unit" | "type" | "temporality" | "monotonic" | "metadata"
>;

interface DecodedMetric {
  readonly fields: MetricFields;
  readonly omittedBytes: number;
}

/** @param bytes an encoded Metric; its data points are ignored */
export const readMetric = onceForSameBytes((bytes): DecodedMetric => {
  const { message, omittedBytes } = readBounded(MetricSchema, bytes, maxCost.context);
  const { name, description, unit, data, metadata } = message;
  const fields = { name, description, unit, metadata: fromKeyValues(metadata), ...dataFields(data) };
  return { fields, omittedBytes };
});

function dataFields(data: Metric["data"]): { type: MetricType; temporality: number; monotonic: boolean } {
  switch (data.case) {
    case "sum":
      return {
        type: "sum",
        temporality: data.value.aggregationTemporality,
        monotonic: data.value.isMonotonic,
      };
    case "histogram":
      return { type: "histogram", temporality: data.value.aggregationTemporality, monotonic: false };
    case "exponentialHistogram":
      return {
        type: "exponential-histogram",
        temporality: data.value.aggregationTemporality,
        monotonic: false,
      };
    case "summary":
      return { type: "summary", temporality: 0, monotonic: false };
    case "gauge":
    case undefined: // A metric without data has no points, so that this is never read.
      return { type: "gauge", temporality: 0, monotonic: false };
  }
}
