import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DescMessage, JsonValue, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { create, equals, fromBinary, fromJson, isMessage, toBinary, toJson } from "@bufbuild/protobuf";
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { AggregationTemporality as SdkTemporality } from "@opentelemetry/sdk-metrics";
import { ExportLogsServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { AnyValueSchema } from "../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { SeverityNumber } from "../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import type { Metric } from "../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { AggregationTemporality, MetricSchema } from "../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import {
  Span_SpanKind,
  SpanFlags,
  Status_StatusCode,
} from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { AttributeValues } from "../support/otlp-attributes.ts";
import { anyValue, makeAttributes } from "../support/otlp-attributes.ts";
import {
  recordSdkLogs,
  recordSdkMetrics,
  recordSdkSpans,
  sdkLaterUnixNano,
  sdkRemoteSpanId,
  sdkTimeUnixNano,
  sdkTraceId,
} from "../support/sdk-telemetry.ts";

const idKeys: ReadonlySet<string> = new Set(["traceId", "spanId", "parentSpanId"]);
const resourceAttributes = makeAttributes({ "service.name": "shop", "process.pid": 4711 });

const spans = await recordSdkSpans();
const logs = await recordSdkLogs();
const delta = await recordSdkMetrics(SdkTemporality.DELTA);
const cumulative = await recordSdkMetrics(SdkTemporality.CUMULATIVE);

/** The same telemetry from the SDK's two serializers, which share no encoding code. */
interface Case {
  readonly name: string;
  readonly schema: DescMessage;
  readonly protobuf: Uint8Array | undefined;
  readonly json: Uint8Array | undefined;
}

const cases: readonly Case[] = [
  {
    name: "spans",
    schema: ExportTraceServiceRequestSchema,
    protobuf: ProtobufTraceSerializer.serializeRequest(spans),
    json: JsonTraceSerializer.serializeRequest(spans),
  },
  {
    name: "logs",
    schema: ExportLogsServiceRequestSchema,
    protobuf: ProtobufLogsSerializer.serializeRequest(logs),
    json: JsonLogsSerializer.serializeRequest(logs),
  },
  ...Object.entries({ delta, cumulative }).map(([temporality, metrics]) => ({
    name: `${temporality} metrics`,
    schema: ExportMetricsServiceRequestSchema,
    protobuf: ProtobufMetricsSerializer.serializeRequest(metrics),
    json: JsonMetricsSerializer.serializeRequest(metrics),
  })),
];

for (const { name, schema, protobuf, json } of cases) {
  describe(`${name} that the OpenTelemetry SDK serialized`, () => {
    const decoded = fromBinary(schema, bytesOf(protobuf));

    it(`${name} that the SDK serialized decode without an unknown field`, () => {
      assert.deepEqual(findUnknownFields(decoded), []);
    });

    it(`${name} that the SDK serialized decode into the values that its own JSON has`, () => {
      assertSame(schema, decoded, fromJson(schema, parseOtlpJson(bytesOf(json))));
    });

    it(`${name} that the SDK serialized are encoded again into an equal message`, () => {
      assertSame(schema, fromBinary(schema, toBinary(schema, decoded)), decoded);
    });
  });
}

describe("what was recorded with the OpenTelemetry SDK decodes into", () => {
  it("spans of the SDK decode with their ids, times, attributes, events, links and status", () => {
    const schema = ExportTraceServiceRequestSchema;
    const times = { startTimeUnixNano: sdkTimeUnixNano, endTimeUnixNano: sdkLaterUnixNano };
    const expected = create(schema, {
      resourceSpans: [
        {
          resource: { attributes: resourceAttributes },
          scopeSpans: [
            {
              scope: { name: "http", version: "1.0" },
              schemaUrl: "https://opentelemetry.io/schemas/1.37.0",
              spans: [
                {
                  ...times,
                  traceId: bytes(sdkTraceId),
                  spanId: bytes("0000000000000002"),
                  parentSpanId: bytes("0000000000000001"),
                  name: "SELECT",
                  kind: Span_SpanKind.CLIENT,
                  flags: SpanFlags.CONTEXT_HAS_IS_REMOTE_MASK | 1,
                  status: {},
                },
                {
                  ...times,
                  traceId: bytes(sdkTraceId),
                  spanId: bytes("0000000000000001"),
                  parentSpanId: bytes(sdkRemoteSpanId),
                  name: "GET /cart",
                  kind: Span_SpanKind.SERVER,
                  flags: SpanFlags.CONTEXT_HAS_IS_REMOTE_MASK | SpanFlags.CONTEXT_IS_REMOTE_MASK | 1,
                  attributes: [
                    ...makeAttributes({
                      "http.request.method": "GET",
                      "http.response.status_code": 500,
                      "cart.total": 12.5,
                      "cart.empty": false,
                      "balance.change": -3,
                    }),
                    { key: "item.names", value: arrayOf("tea", "ünïcode ☕") },
                    { key: "item.counts", value: arrayOf(1, 2.5) },
                  ],
                  droppedAttributesCount: 1,
                  events: [
                    {
                      timeUnixNano: sdkLaterUnixNano,
                      name: "cache.miss",
                      attributes: makeAttributes({ "cache.key": "cart:7" }),
                    },
                  ],
                  links: [
                    {
                      traceId: bytes("0af7651916cd43dd8448eb211c80319c"),
                      spanId: bytes("b7ad6b7169203331"),
                      attributes: makeAttributes({ "link.kind": "retry" }),
                      flags: SpanFlags.CONTEXT_HAS_IS_REMOTE_MASK | 1,
                    },
                  ],
                  status: { code: Status_StatusCode.ERROR, message: "boom" },
                },
              ],
            },
            {
              scope: { name: "jobs" },
              spans: [
                {
                  ...times,
                  traceId: bytes("00000000000000000000000000000004"),
                  spanId: bytes("0000000000000003"),
                  name: "sweep",
                  kind: Span_SpanKind.INTERNAL,
                  flags: SpanFlags.CONTEXT_HAS_IS_REMOTE_MASK | 1,
                  status: {},
                },
              ],
            },
          ],
        },
      ],
    });
    assertSame(
      schema,
      fromBinary(schema, bytesOf(ProtobufTraceSerializer.serializeRequest(spans))),
      expected,
    );
  });

  it("logs of the SDK decode with their times, severity, text and structured bodies, and event name", () => {
    const schema = ExportLogsServiceRequestSchema;
    const times = { timeUnixNano: sdkTimeUnixNano, observedTimeUnixNano: sdkLaterUnixNano };
    const line = { values: makeAttributes({ sku: "tea", price: 2.5 }) };
    const lines = [{ value: { case: "kvlistValue", value: line } }, ...arrayItems("note", true)] as const;
    const expected = create(schema, {
      resourceLogs: [
        {
          resource: { attributes: resourceAttributes },
          scopeLogs: [
            {
              scope: { name: "orders", version: "2.1" },
              logRecords: [
                {
                  ...times,
                  severityNumber: SeverityNumber.ERROR,
                  severityText: "ERROR",
                  body: { value: anyValue("payment failed") },
                  attributes: makeAttributes({ "order.id": 42 }),
                  flags: 1,
                  traceId: bytes(sdkTraceId),
                  spanId: bytes(sdkRemoteSpanId),
                },
                {
                  ...times,
                  eventName: "shop.order.placed",
                  body: {
                    value: {
                      case: "kvlistValue",
                      value: {
                        values: [
                          ...makeAttributes({ id: 42 }),
                          {
                            key: "lines",
                            value: { value: { case: "arrayValue", value: { values: [...lines] } } },
                          },
                          { key: "nothing", value: {} },
                        ],
                      },
                    },
                  },
                  attributes: makeAttributes({ digest: Uint8Array.of(0, 127, 255) }),
                },
                times,
              ],
            },
          ],
        },
      ],
    });
    assertSame(schema, fromBinary(schema, bytesOf(ProtobufLogsSerializer.serializeRequest(logs))), expected);
  });

  for (const [temporality, metrics, aggregationTemporality] of [
    ["delta", delta, AggregationTemporality.DELTA],
    ["cumulative", cumulative, AggregationTemporality.CUMULATIVE],
  ] as const) {
    it(`${temporality} metrics of the SDK, of every kind, decode with their values`, () => {
      const serialized = bytesOf(ProtobufMetricsSerializer.serializeRequest(metrics));
      const request = fromBinary(ExportMetricsServiceRequestSchema, serialized);
      const decoded = request.resourceMetrics
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((it) => it.metrics);
      const expected = expectMetrics(aggregationTemporality).map((metric) => create(MetricSchema, metric));
      assert.deepEqual(decoded.map(({ name }) => name).sort(), expected.map(({ name }) => name).sort());
      for (const metric of expected) {
        const found = decoded.find(({ name }) => name === metric.name);
        assert.ok(found);
        assertSame(MetricSchema, withoutTimes(found), metric);
      }
    });
  }
});

/** Without times: the SDK takes them from the clock. */
function expectMetrics(
  aggregationTemporality: AggregationTemporality,
): MessageInitShape<typeof MetricSchema>[] {
  return [
    {
      name: "shop.orders",
      description: "Orders placed.",
      unit: "{order}",
      data: {
        case: "sum",
        value: {
          aggregationTemporality,
          isMonotonic: true,
          dataPoints: [
            { attributes: makeAttributes({ method: "card" }), value: { case: "asInt", value: 3n } },
            { attributes: makeAttributes({ method: "cash" }), value: { case: "asInt", value: 4n } },
          ],
        },
      },
    },
    {
      name: "shop.carts",
      data: {
        case: "sum",
        value: { aggregationTemporality, dataPoints: [{ value: { case: "asDouble", value: -2.5 } }] },
      },
    },
    {
      name: "shop.temperature",
      unit: "Cel",
      data: { case: "gauge", value: { dataPoints: [{ value: { case: "asDouble", value: 21.75 } }] } },
    },
    {
      name: "shop.latency",
      unit: "s",
      data: {
        case: "histogram",
        value: {
          aggregationTemporality,
          dataPoints: [
            {
              count: 4n,
              sum: 21.25,
              min: 0.0625,
              max: 20,
              bucketCounts: [1n, 2n, 0n, 1n],
              explicitBounds: [0.1, 1, 10],
            },
          ],
        },
      },
    },
    {
      name: "shop.sizes",
      unit: "By",
      data: {
        case: "exponentialHistogram",
        value: {
          aggregationTemporality,
          dataPoints: [
            {
              count: 4n,
              sum: 7,
              min: 0,
              max: 4,
              scale: 6,
              zeroCount: 1n,
              positive: { offset: -1, bucketCounts: powersOfTwo(3, 64) },
              negative: {},
            },
          ],
        },
      },
    },
  ];
}

/** Buckets in which 1, 2, 4... were counted once each: at a scale of 6 a power of two is 64 buckets on. */
function powersOfTwo(count: number, bucketsApart: number): bigint[] {
  return Array.from({ length: (count - 1) * bucketsApart + 1 }, (_, index) =>
    index % bucketsApart === 0 ? 1n : 0n,
  );
}

function withoutTimes(metric: Metric): Metric {
  for (const point of metric.data.value?.dataPoints ?? []) {
    assert.ok(point.timeUnixNano > 0n && point.startTimeUnixNano > 0n);
    point.timeUnixNano = 0n;
    point.startTimeUnixNano = 0n;
  }
  return metric;
}

function arrayOf(...values: AttributeValues[string][]): MessageInitShape<typeof AnyValueSchema> {
  return { value: { case: "arrayValue", value: { values: arrayItems(...values) } } };
}

function arrayItems(...values: AttributeValues[string][]): MessageInitShape<typeof AnyValueSchema>[] {
  return values.map((value) => ({ value: anyValue(value) }));
}

/** Compared as JSON first, which fails with a readable difference. */
function assertSame<Desc extends DescMessage>(
  schema: Desc,
  actual: MessageShape<Desc>,
  expected: MessageShape<Desc>,
): void {
  assert.deepEqual(toJson(schema, actual), toJson(schema, expected));
  assert.ok(equals(schema, actual, expected), "equal as JSON, but not as messages");
}

function bytesOf(serialized: Uint8Array | undefined): Uint8Array {
  assert.ok(serialized, "the SDK serialized nothing");
  return serialized;
}

/**
 * Ids are in hex in OTLP/JSON, in base64 in protobuf's own JSON
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). The SDK's JSON writes an
 * absent log body as `{}`, its protobuf leaves it out.
 */
function parseOtlpJson(json: Uint8Array): JsonValue {
  return JSON.parse(new TextDecoder().decode(json), (key, value) => {
    if (key === "body" && Object.keys(value).length === 0) return undefined;
    return idKeys.has(key) ? Buffer.from(value, "hex").toString("base64") : value;
  });
}

function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

/** The paths of messages with fields that their schema does not know. */
function findUnknownFields(value: unknown, path = "request"): string[] {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  const here = isMessage(value) && value.$unknown?.length ? [path] : [];
  return [
    ...here,
    ...Object.entries(value).flatMap(([key, member]) =>
      key === "$unknown" ? [] : findUnknownFields(member, `${path}.${key}`),
    ),
  ];
}
