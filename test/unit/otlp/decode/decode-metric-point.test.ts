import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  ExponentialHistogramDataPointSchema,
  HistogramDataPointSchema,
  MetricSchema,
  NumberDataPointSchema,
  SummaryDataPointSchema,
} from "../../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { PointValue } from "../../../../src/domain/telemetry.ts";
import { decodeMetricPoint } from "../../../../src/otlp/decode/decode-item.ts";
import { encodedItem } from "../../../support/encoded-item.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";

const none = new Uint8Array();
const noRecordedValue = 1;
type Data = MessageInitShape<typeof MetricSchema>["data"];

const gauge = { case: "gauge", value: {} } as const;
const histogram = { case: "histogram", value: { aggregationTemporality: 1 } } as const;
const exponential = { case: "exponentialHistogram", value: { aggregationTemporality: 2 } } as const;
const summary = { case: "summary", value: {} } as const;

describe("decodeMetricPoint", () => {
  for (const [why, data, expected] of [
    ["gauge", gauge, ["gauge", 0, false]],
    ["sum", { case: "sum", value: { aggregationTemporality: 2, isMonotonic: true } }, ["sum", 2, true]],
    ["delta sum", { case: "sum", value: { aggregationTemporality: 1 } }, ["sum", 1, false]],
    ["sum of unknown temporality", { case: "sum", value: { aggregationTemporality: 9 } }, ["sum", 9, false]],
    ["histogram", histogram, ["histogram", 1, false]],
    ["exponential histogram", exponential, ["exponential-histogram", 2, false]],
    ["summary", summary, ["summary", 0, false]],
  ] as [string, Data, unknown[]][]) {
    it(`type, temporality and monotonicity of a ${why} are decoded`, () => {
      const point = decodePoint(data, none);
      assert.deepEqual([point.type, point.temporality, point.monotonic], expected);
      assert.deepEqual([point.name, point.description, point.unit], ["n", "d", "u"]);
      assert.deepEqual(point.metadata, { owner: "shop" });
    });
  }

  for (const [why, data, item, value] of [
    ["an int", gauge, number({ case: "asInt", value: -5n }), { kind: "int", value: -5n }],
    ["an int of 0", gauge, number({ case: "asInt", value: 0n }), { kind: "int", value: 0n }],
    [
      "the largest int64",
      gauge,
      number({ case: "asInt", value: 2n ** 63n - 1n }),
      { kind: "int", value: 2n ** 63n - 1n },
    ],
    [
      "the smallest int64",
      gauge,
      number({ case: "asInt", value: -(2n ** 63n) }),
      { kind: "int", value: -(2n ** 63n) },
    ],
    ["a double", gauge, number({ case: "asDouble", value: 0.5 }), { kind: "double", value: 0.5 }],
    ["NaN", gauge, number({ case: "asDouble", value: Number.NaN }), { kind: "double", value: Number.NaN }],
    ["no recorded value", gauge, number({ case: undefined }, noRecordedValue), { kind: "none" }],
    [
      "a 0 that was not recorded",
      gauge,
      number({ case: "asInt", value: 0n }, noRecordedValue),
      { kind: "none" },
    ],
    [
      "a histogram",
      histogram,
      bytesOf(HistogramDataPointSchema, {
        count: 3n,
        sum: 1.5,
        min: 0,
        max: 1,
        bucketCounts: [1n, 2n],
        explicitBounds: [0.5],
      }),
      {
        kind: "histogram",
        count: 3n,
        sum: 1.5,
        min: 0,
        max: 1,
        bounds: [0.5],
        bucketCounts: [1n, 2n],
      },
    ],
    [
      "a histogram without sum and buckets",
      histogram,
      bytesOf(HistogramDataPointSchema, { count: 2n ** 64n - 1n }),
      {
        kind: "histogram",
        count: 2n ** 64n - 1n,
        sum: undefined,
        min: undefined,
        max: undefined,
        bounds: [],
        bucketCounts: [],
      },
    ],
    [
      "an exponential histogram",
      exponential,
      bytesOf(ExponentialHistogramDataPointSchema, {
        count: 3n,
        sum: -1,
        scale: -3,
        zeroCount: 1n,
        zeroThreshold: 0.25,
        positive: { offset: -7, bucketCounts: [1n, 0n, 1n] },
      }),
      {
        kind: "exponential-histogram",
        count: 3n,
        sum: -1,
        min: undefined,
        max: undefined,
        scale: -3,
        zeroCount: 1n,
        zeroThreshold: 0.25,
        positive: { offset: -7, bucketCounts: [1n, 0n, 1n] },
        negative: { offset: 0, bucketCounts: [] },
      },
    ],
    [
      "a summary",
      summary,
      bytesOf(SummaryDataPointSchema, {
        count: 3n,
        sum: 6,
        quantileValues: [{ quantile: 0.5, value: 2 }, {}],
      }),
      {
        kind: "summary",
        count: 3n,
        sum: 6,
        quantiles: [
          { quantile: 0.5, value: 2 },
          { quantile: 0, value: 0 },
        ],
      },
    ],
    [
      "a summary that was not recorded",
      summary,
      bytesOf(SummaryDataPointSchema, { flags: noRecordedValue }),
      { kind: "none" },
    ],
  ] as [string, Data, Uint8Array, PointValue][]) {
    it(`the value of a data point is decoded: ${why}`, () => {
      assert.deepEqual(decodePoint(data, item).value, value);
    });
  }

  it("times, attributes and flags of data points of every type are decoded", () => {
    const common = {
      startTimeUnixNano: 1n,
      timeUnixNano: 2n,
      attributes: makeAttributes({ a: 1 }),
      flags: 256,
    };
    for (const [data, schema] of [
      [gauge, NumberDataPointSchema],
      [histogram, HistogramDataPointSchema],
      [exponential, ExponentialHistogramDataPointSchema],
      [summary, SummaryDataPointSchema],
    ] as [Data, typeof NumberDataPointSchema][]) {
      const point = decodePoint(data, bytesOf(schema, common));
      assert.deepEqual(
        [point.startUnixNano, point.timeUnixNano, point.attributes, point.flags, point.exemplars],
        [1n, 2n, { a: 1 }, 256, []],
      );
    }
  });

  it("exemplars of data points of every type that has them are decoded", () => {
    const exemplars = [
      {
        timeUnixNano: 3n,
        value: { case: "asInt", value: 4n },
        traceId: Uint8Array.of(0xab),
        spanId: Uint8Array.of(0xcd),
        filteredAttributes: makeAttributes({ b: 2 }),
      },
      { value: { case: "asDouble", value: 0.5 } },
      {},
      { traceId: new Uint8Array(16), spanId: new Uint8Array(8) },
    ] as const;
    const expected = [
      { timeUnixNano: 3n, value: 4n, traceId: "ab", spanId: "cd", attributes: { b: 2 } },
      { timeUnixNano: 0n, value: 0.5, traceId: "", spanId: "", attributes: {} },
      { timeUnixNano: 0n, value: undefined, traceId: "", spanId: "", attributes: {} },
      { timeUnixNano: 0n, value: undefined, traceId: "", spanId: "", attributes: {} },
    ];
    for (const [data, schema] of [
      [gauge, NumberDataPointSchema],
      [histogram, HistogramDataPointSchema],
      [exponential, ExponentialHistogramDataPointSchema],
    ] as [Data, typeof NumberDataPointSchema][]) {
      assert.deepEqual(decodePoint(data, bytesOf(schema, { exemplars: [...exemplars] })).exemplars, expected);
    }
  });
});

function decodePoint(data: Data, item: Uint8Array) {
  const metadata = makeAttributes({ owner: "shop" });
  const metric = bytesOf(MetricSchema, {
    name: "n",
    description: "d",
    unit: "u",
    metadata,
    data: data as never,
  });
  return decodeMetricPoint(encodedItem({ item, metric }));
}

function number(value: MessageInitShape<typeof NumberDataPointSchema>["value"], flags = 0): Uint8Array {
  return bytesOf(NumberDataPointSchema, { value: value as never, flags });
}

function bytesOf<Desc extends DescMessage>(schema: Desc, fields: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, fields));
}
