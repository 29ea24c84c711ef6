import type { MessageInitShape } from "@bufbuild/protobuf";
import type { KeyValue } from "../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import type { MetricSchema } from "../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { AggregationTemporality } from "../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { makeAttributes } from "./otlp-attributes.ts";
import type { Random } from "./random.ts";

/** What data points of every kind have. */
export interface PointBase {
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly attributes: KeyValue[];
}

type MetricMaker = (points: readonly PointBase[], random: Random) => MessageInitShape<typeof MetricSchema>;

/** One maker for each kind of metric, each with a metric of its own. */
export const metricMakers: readonly MetricMaker[] = [
  (points, random) => ({
    name: "shop.orders",
    description: "Orders placed.",
    unit: "{order}",
    data: {
      case: "sum",
      value: {
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        isMonotonic: true,
        dataPoints: points.map((point) => ({
          ...point,
          value: { case: "asInt", value: BigInt(random.below(1_000_000)) },
        })),
      },
    },
  }),
  (points, random) => ({
    name: "process.cpu.utilization",
    description: "Share of the CPU time in use.",
    unit: "1",
    data: {
      case: "gauge",
      value: {
        dataPoints: points.map((point) => ({
          ...point,
          value: { case: "asDouble", value: random.next() },
        })),
      },
    },
  }),
  (points, random) => ({
    name: "http.server.request.duration",
    description: "Duration of HTTP server requests.",
    unit: "s",
    data: {
      case: "histogram",
      value: {
        aggregationTemporality: AggregationTemporality.DELTA,
        dataPoints: points.map((point) => {
          const bucketCounts = Array.from({ length: 6 }, () => BigInt(random.below(100)));
          return {
            ...point,
            count: total(bucketCounts),
            sum: random.next() * 100,
            min: 0.001,
            max: 2.5,
            bucketCounts,
            explicitBounds: [0.005, 0.025, 0.1, 0.5, 1],
            exemplars: [
              {
                timeUnixNano: point.timeUnixNano,
                value: { case: "asDouble", value: random.next() },
                traceId: random.bytes(16),
                spanId: random.bytes(8),
                filteredAttributes: makeAttributes({ "user.id": `u${random.below(1000)}` }),
              },
            ],
          };
        }),
      },
    },
  }),
  (points, random) => ({
    name: "db.client.operation.duration",
    description: "Duration of database calls.",
    unit: "s",
    data: {
      case: "exponentialHistogram",
      value: {
        aggregationTemporality: AggregationTemporality.DELTA,
        dataPoints: points.map((point) => {
          const bucketCounts = Array.from({ length: 8 }, () => BigInt(random.below(100)));
          return {
            ...point,
            count: total(bucketCounts) + 2n,
            sum: random.next() * 10,
            scale: 3,
            zeroCount: 2n,
            zeroThreshold: 1e-6,
            positive: { offset: -20, bucketCounts },
            min: 0,
            max: 0.4,
          };
        }),
      },
    },
  }),
  (points, random) => ({
    name: "rpc.latency",
    description: "Latency as the client library summed it up.",
    unit: "ms",
    data: {
      case: "summary",
      value: {
        dataPoints: points.map((point) => ({
          ...point,
          count: BigInt(1 + random.below(1000)),
          sum: random.next() * 1000,
          quantileValues: [0, 0.5, 0.99, 1].map((quantile) => ({ quantile, value: quantile * 12.5 })),
        })),
      },
    },
  }),
];

function total(counts: readonly bigint[]): bigint {
  return counts.reduce((sum, count) => sum + count, 0n);
}
