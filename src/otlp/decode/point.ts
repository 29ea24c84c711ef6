import {
  DataPointFlags,
  type Exemplar as ExemplarMessage,
  type ExponentialHistogramDataPoint,
  ExponentialHistogramDataPointSchema,
  type HistogramDataPoint,
  HistogramDataPointSchema,
  type NumberDataPoint,
  NumberDataPointSchema,
  type SummaryDataPoint,
  SummaryDataPointSchema,
} from "../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { Exemplar, MetricPoint, MetricType, PointValue } from "../../domain/telemetry.ts";
import { fromKeyValues } from "./any-value.ts";
import { hexId } from "./hex-id.ts";
import { readMessage } from "./read-message.ts";

/** The fields that a data point has itself; the others come from its metric, scope and resource. */
type PointFields = Pick<
  MetricPoint,
  "startUnixNano" | "timeUnixNano" | "attributes" | "flags" | "value" | "exemplars"
>;

/** @param bytes an encoded data point of a metric of this type */
export function readPoint(type: MetricType, bytes: Uint8Array): PointFields {
  switch (type) {
    case "gauge":
    case "sum": {
      const point = readMessage(NumberDataPointSchema, bytes);
      return fields(point, numberValue(point), point.exemplars);
    }
    case "histogram": {
      const point = readMessage(HistogramDataPointSchema, bytes);
      return fields(point, histogramValue(point), point.exemplars);
    }
    case "exponential-histogram": {
      const point = readMessage(ExponentialHistogramDataPointSchema, bytes);
      return fields(point, exponentialHistogramValue(point), point.exemplars);
    }
    case "summary": {
      const point = readMessage(SummaryDataPointSchema, bytes);
      return fields(point, summaryValue(point), []);
    }
  }
}

type AnyDataPoint = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint | SummaryDataPoint;

function fields(point: AnyDataPoint, value: PointValue, exemplars: readonly ExemplarMessage[]): PointFields {
  // With this flag set the value fields have no meaning (metrics.proto, DataPointFlags).
  const hasNoValue = (point.flags & DataPointFlags.NO_RECORDED_VALUE_MASK) !== 0;
  return {
    startUnixNano: point.startTimeUnixNano,
    timeUnixNano: point.timeUnixNano,
    attributes: fromKeyValues(point.attributes),
    flags: point.flags,
    value: hasNoValue ? { kind: "none" } : value,
    exemplars: exemplars.map(fromExemplar),
  };
}

function numberValue({ value }: NumberDataPoint): PointValue {
  switch (value.case) {
    case "asInt":
      return { kind: "int", value: value.value };
    case "asDouble":
      return { kind: "double", value: value.value };
    case undefined:
      return { kind: "none" };
  }
}

function histogramValue(point: HistogramDataPoint): PointValue {
  return {
    kind: "histogram",
    count: point.count,
    sum: point.sum,
    min: point.min,
    max: point.max,
    bounds: point.explicitBounds,
    bucketCounts: point.bucketCounts,
  };
}

function exponentialHistogramValue(point: ExponentialHistogramDataPoint): PointValue {
  return {
    kind: "exponential-histogram",
    count: point.count,
    sum: point.sum,
    min: point.min,
    max: point.max,
    scale: point.scale,
    zeroCount: point.zeroCount,
    zeroThreshold: point.zeroThreshold,
    positive: { offset: point.positive?.offset ?? 0, bucketCounts: point.positive?.bucketCounts ?? [] },
    negative: { offset: point.negative?.offset ?? 0, bucketCounts: point.negative?.bucketCounts ?? [] },
  };
}

function summaryValue(point: SummaryDataPoint): PointValue {
  return {
    kind: "summary",
    count: point.count,
    sum: point.sum,
    quantiles: point.quantileValues.map(({ quantile, value }) => ({ quantile, value })),
  };
}

function fromExemplar(exemplar: ExemplarMessage): Exemplar {
  return {
    timeUnixNano: exemplar.timeUnixNano,
    value: exemplar.value.value,
    traceId: hexId(exemplar.traceId),
    spanId: hexId(exemplar.spanId),
    attributes: fromKeyValues(exemplar.filteredAttributes),
  };
}
