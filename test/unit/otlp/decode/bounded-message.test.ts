import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { LogRecordSchema } from "../../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  ExponentialHistogramDataPointSchema,
  HistogramDataPointSchema,
  MetricSchema,
  SummaryDataPointSchema,
} from "../../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { ResourceSchema } from "../../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import { SpanSchema } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { decodeLogRecord, decodeMetricPoint, decodeSpan } from "../../../../src/otlp/decode/decode-item.ts";
import { encodedItem } from "../../../support/encoded-item.ts";
import { lengthDelimited } from "../../../support/wire.ts";

const int = { value: { case: "intValue", value: 1n } } as const;

function bytesOf<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, init));
}

function list<Element>(count: number, element: (i: number) => Element): Element[] {
  return Array.from({ length: count }, (_, i) => element(i));
}

const attributes = (count: number) => list(count, (i) => ({ key: `k${i}`, value: int }));

describe("an item with too many fields to decode at once", () => {
  test("an item with too many attributes shows the first ones, and the fields that follow them", () => {
    const span = {
      name: "big",
      attributes: attributes(330_000),
      status: { code: 2, message: "boom" },
    } as const;
    const item = bytesOf(SpanSchema, span);
    const decoded = decodeSpan(encodedItem({ item }));
    const shown = Object.keys(decoded.attributes);
    assert.ok(shown.length > 1_000 && shown.length < 10_000, `${shown.length} attributes`);
    assert.deepEqual(
      shown,
      attributes(shown.length).map(({ key }) => key),
    );
    assert.deepEqual([decoded.name, decoded.status], ["big", span.status]);
    const rest = bytesOf(SpanSchema, {
      ...span,
      attributes: span.attributes.slice(shown.length),
      name: "",
      status: undefined,
    });
    assert.equal(decoded.omittedBytes, rest.byteLength);
  });

  test("an item whose attributes have 100,000 fields of their own shows no attribute behind them, but its other fields", () => {
    const values = list(60_000, () => int);
    const long = { key: "long", value: { value: { case: "arrayValue" as const, value: { values } } } };
    for (const [count, shown] of [
      [1, ["short"]],
      [8, []],
    ] as const) {
      const all = [...new Array(count).fill(long), { key: "short", value: int }];
      const item = bytesOf(SpanSchema, { name: "big", attributes: all, status: { code: 2 } });
      const decoded = decodeSpan(encodedItem({ item }));
      assert.deepEqual(Object.keys(decoded.attributes), shown);
      assert.deepEqual([decoded.name, decoded.status.code], ["big", 2]);
    }
  });

  for (const [what, item] of [
    ["empty events", bytesOf(SpanSchema, { events: list(100_000, () => ({})) })],
    ["empty links", bytesOf(SpanSchema, { links: list(100_000, () => ({})) })],
    [
      "events with attributes",
      bytesOf(SpanSchema, { events: list(20_000, () => ({ attributes: attributes(2) })) }),
    ],
    [
      "attributes with lists",
      bytesOf(SpanSchema, {
        attributes: list(1_000, () => ({
          key: "k",
          value: { value: { case: "arrayValue" as const, value: { values: list(50, () => int) } } },
        })),
      }),
    ],
    ["two million empty attributes", Buffer.alloc(4_000_000, lengthDelimited(9))],
  ] as const) {
    test(`an item with too many elements shows the first ones alone: ${what}`, () => {
      const { omittedBytes, events, links, attributes } = decodeSpan(encodedItem({ item }));
      assert.ok(omittedBytes > 0 && omittedBytes < item.byteLength);
      assert.ok(events.length + links.length + Object.keys(attributes).length > 0);
    });
  }

  for (const [what, data, item] of [
    [
      "a million buckets, encoded as varints",
      "exponentialHistogram",
      bytesOf(ExponentialHistogramDataPointSchema, {
        count: 7n,
        positive: { bucketCounts: list(1_000_000, () => 1n) },
      }),
    ],
    [
      "a million buckets, encoded as fixed64",
      "histogram",
      bytesOf(HistogramDataPointSchema, { count: 7n, bucketCounts: list(1_000_000, () => 1n) }),
    ],
    [
      "100,000 quantiles",
      "summary",
      bytesOf(SummaryDataPointSchema, { count: 7n, quantileValues: list(100_000, () => ({})) }),
    ],
  ] as const) {
    test(`a data point with too many elements shows its other fields: ${what}`, () => {
      const metric = bytesOf(MetricSchema, { data: { case: data, value: {} } as never });
      const point = decodeMetricPoint(encodedItem({ item, metric }));
      assert.ok(point.omittedBytes > 0);
      assert.equal("count" in point.value && point.value.count, 7n);
    });
  }

  test("a log record is shown without its body when the body alone is too much", () => {
    const body = { value: { case: "arrayValue", value: { values: list(100_000, () => int) } } } as const;
    const item = bytesOf(LogRecordSchema, { severityText: "kept", body });
    const log = decodeLogRecord(encodedItem({ item }));
    assert.deepEqual([log.severityText, log.body], ["kept", undefined]);
    assert.ok(log.omittedBytes > 400_000);
  });

  test("an item counts the bytes that its resource leaves out", () => {
    const resource = bytesOf(ResourceSchema, { attributes: attributes(50_000), droppedAttributesCount: 3 });
    const span = decodeSpan(encodedItem({ resource }));
    assert.equal(span.resourceDetails.droppedAttributesCount, 3);
    assert.ok(Object.keys(span.resource).length > 500 && span.omittedBytes > 0);
  });
});

describe("an item is shown whole when it has", () => {
  for (const [what, span] of [
    ["2,000 attributes", { attributes: attributes(2_000) }],
    [
      "1,000 events with attributes",
      { events: list(1_000, () => ({ name: "e", attributes: attributes(4) })) },
    ],
    ["a name of four million letters", { name: "x".repeat(4_000_000) }],
  ] as const) {
    test(`an item is shown whole when it has ${what}`, () => {
      assert.equal(decodeSpan(encodedItem({ item: bytesOf(SpanSchema, span as never) })).omittedBytes, 0);
    });
  }
});
