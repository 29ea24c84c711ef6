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
import { maxCost, readBounded } from "./bounded-message.ts";
import { hexId } from "./hex-id.ts";

/** The fields that a data point has itself; the others come from its metric, scope and resource. */
type PointFields = Pick<
  MetricPoint,
  "startUnixNano" | "timeUnixNano" | "attributes" | "flags" | "value" | "exemplars"
>;

interface DecodedPoint {
  readonly fields: PointFields;
  readonly omittedBytes: number;
}

/** @param bytes an encoded data point of a metric of this type */
export function readPoint(type: MetricType, bytes: Uint8Array): DecodedPoint {
  switch (type) {
    case "gauge":
    case "sum": {
      const { message, omittedBytes } = readBounded(NumberDataPointSchema, bytes, maxCost.item);
      return { fields: fields(message, numberValue(message), message.exemplars), omittedBytes };
    }
    case "histogram": {
      const { message, omittedBytes } = readBounded(HistogramDataPointSchema, bytes, maxCost.item);
      return { fields: fields(message, histogramValue(message), message.exemplars), omittedBytes };
    }
    case "exponential-histogram": {
      const { message, omittedBytes } = readBounded(ExponentialHistogramDataPointSchema, bytes, maxCost.item);
      const value = exponentialHistogramValue(message);
      return { fields: fields(message, value, message.exemplars), omittedBytes };
    }
    case "summary": {
      const { message, omittedBytes } = readBounded(SummaryDataPointSchema, bytes, maxCost.item);
      return { fields: fields(message, summaryValue(message), []), omittedBytes };
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
