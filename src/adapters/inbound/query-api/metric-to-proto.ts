import { create, type MessageInitShape } from "@bufbuild/protobuf";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import type { AggregationTemporality } from "../../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { Exemplar, MetricPoint, PointValue } from "../../../domain/telemetry.ts";
import { toMetricType } from "./metric-types.ts";
import { toContext, toStruct, toTimestamp, unlessNone, unlessZero } from "./to-proto.ts";

export function toMetricPoint(point: MetricPoint, cursor: string): pb.MetricPoint {
  return create(pb.MetricPointSchema, {
    name: point.name,
    type: toMetricType(point.type),
    unit: point.unit,
    description: point.description,
    // OTLP's enums are open: a value that this server does not know is shown as a number.
    temporality: point.temporality as AggregationTemporality,
    monotonic: point.monotonic,
    startTime: toTimestamp(point.startUnixNano),
    time: toTimestamp(point.timeUnixNano),
    attributes: toStruct(point.attributes),
    value: toPointValue(point.value),
    exemplars: point.exemplars.map(toExemplar),
    ...toContext(point),
    cursor,
    flags: unlessZero(point.flags),
    metadata: unlessNone(point.metadata),
  });
}

type PointValueInit = NonNullable<MessageInitShape<typeof pb.MetricPointSchema>["value"]>;

function toPointValue(value: PointValue): PointValueInit {
  switch (value.kind) {
    case "none":
      return { case: undefined };
    case "int":
      return { case: "intValue", value: value.value };
    case "double":
      return { case: "doubleValue", value: value.value };
    case "histogram": {
      const { count, sum, min, max, bounds, bucketCounts } = value;
      return {
        case: "histogram",
        value: { count, sum, min, max, bounds: [...bounds], bucketCounts: [...bucketCounts] },
      };
    }
    case "exponential-histogram": {
      const { count, sum, min, max, scale, zeroCount, zeroThreshold, positive, negative } = value;
      return {
        case: "exponentialHistogram",
        value: {
          count,
          sum,
          min,
          max,
          scale,
          zeroCount,
          zeroThreshold,
          positive: { offset: positive.offset, bucketCounts: [...positive.bucketCounts] },
          negative: { offset: negative.offset, bucketCounts: [...negative.bucketCounts] },
        },
      };
    }
    case "summary": {
      const { count, sum, quantiles } = value;
      return { case: "summary", value: { count, sum, quantiles: [...quantiles] } };
    }
  }
}

export function toExemplar(exemplar: Exemplar) {
  return {
    time: toTimestamp(exemplar.timeUnixNano),
    value: toExemplarValue(exemplar.value),
    traceId: exemplar.traceId,
    spanId: exemplar.spanId,
    attributes: toStruct(exemplar.attributes),
  } satisfies MessageInitShape<typeof pb.ExemplarSchema>;
}

function toExemplarValue(value: Exemplar["value"]) {
  switch (typeof value) {
    case "bigint":
      return { case: "intValue", value } as const;
    case "number":
      return { case: "doubleValue", value } as const;
    default:
      return { case: undefined };
  }
}
