import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { ExportLogsServiceRequest } from "../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportLogsServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import type { ExportMetricsServiceRequest } from "../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import type { ExportProfilesServiceRequest } from "../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import { ExportProfilesServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import type { ExportTraceServiceRequest } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { AnyValueSchema, KeyValue } from "../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import type { LogRecord } from "../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { LogRecordSchema, SeverityNumber } from "../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import type { ProfileSchema } from "../../gen/opentelemetry/proto/profiles/v1development/profiles_pb.ts";
import type { Span } from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import {
  Span_SpanKind,
  SpanFlags,
  SpanSchema,
  Status_StatusCode,
} from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { AttributeValues } from "./otlp-attributes.ts";
import { anyValue, firstEntries, makeAttributes } from "./otlp-attributes.ts";
import { metricMakers } from "./otlp-metrics.ts";
import type { Random } from "./random.ts";
import { createRandom } from "./random.ts";

// Telemetry for tests and benchmarks. Every builder returns a message, to encode with `toBinary`,
// and is deterministic: the same options give the same bytes.

/** What all the request builders take. */
export interface RequestOptions {
  /** Items in the request: spans, log records, data points or profiles. @default 1 */
  readonly count?: number;
  /** The resource attribute `service.name`. @default "shop" */
  readonly serviceName?: string;
  /** Resource attributes besides `service.name` and the three that are always there. @default {} */
  readonly resource?: AttributeValues;
  /** @default { name: "http", version: "1.0" } */
  readonly scope?: {
    readonly name: string;
    readonly version: string;
    readonly attributes?: AttributeValues;
  };
  /** Other seeds give other ids, values and times. @default 1 */
  readonly seed?: number;
  /** When the first item happened; each further one is a millisecond later. @default {@link baseUnixNano} */
  readonly startUnixNano?: bigint;
}

export interface TraceRequestOptions extends RequestOptions {
  /** Attributes of each span. @default 10 */
  readonly attributesPerSpan?: number;
  /** Spans that share a trace; the first is its root. @default 10 */
  readonly spansPerTrace?: number;
}

export interface LogsRequestOptions extends RequestOptions {
  /** Attributes of each log record. @default 5 */
  readonly attributesPerRecord?: number;
}

/**
 * Fields in Protobuf-ES's init shape, not a whole message: `create` would take an object with a
 * `$typeName` as it is, and leave what is nested in it unmade.
 */
export type Overrides<Desc extends DescMessage> = Extract<MessageInitShape<Desc>, { $typeName?: never }>;

/** 2026-11-23T10:00:00.123456789Z, the time that the examples in the documentation use. */
export const baseUnixNano = 1_795_428_000_123_456_789n;

const nanosPerMilli = 1_000_000n;

/**
 * One span of a web service: a 200 from a server, with ten attributes, no events and no links.
 *
 * @param overrides fields that replace the defaults, in Protobuf-ES's init shape
 */
export function makeSpan(
  overrides: Overrides<typeof SpanSchema> = {},
  random: Random = createRandom(1),
): Span {
  return create(SpanSchema, {
    traceId: random.bytes(16),
    spanId: random.bytes(8),
    flags: SpanFlags.CONTEXT_HAS_IS_REMOTE_MASK | 1,
    name: "GET /cart",
    kind: Span_SpanKind.SERVER,
    startTimeUnixNano: baseUnixNano,
    endTimeUnixNano: baseUnixNano + 1_500_000n,
    attributes: makeSpanAttributes(10, 200, random),
    ...overrides,
  });
}

/**
 * Spans of one resource and scope, in traces of `spansPerTrace`. Every 5th span has an event,
 * every 8th a link, every 10th failed with an exception event, a message and a 500.
 */
export function makeTraceRequest(options: TraceRequestOptions = {}): ExportTraceServiceRequest {
  const { count = 1, startUnixNano = baseUnixNano, attributesPerSpan = 10, spansPerTrace = 10 } = options;
  const random = createRandom(options.seed ?? 1);
  const spans: Span[] = [];
  for (let index = 0; index < count; index++) {
    const root = spans[index - (index % spansPerTrace)];
    spans.push(
      makeSpanOfTrace(index, root, startUnixNano + BigInt(index) * nanosPerMilli, attributesPerSpan, random),
    );
  }
  return create(ExportTraceServiceRequestSchema, {
    resourceSpans: [{ resource: makeResource(options), scopeSpans: [{ scope: makeScope(options), spans }] }],
  });
}

/** One log record: an INFO line with a text body, in a trace. */
export function makeLogRecord(
  overrides: Overrides<typeof LogRecordSchema> = {},
  random: Random = createRandom(1),
): LogRecord {
  return create(LogRecordSchema, {
    timeUnixNano: baseUnixNano,
    observedTimeUnixNano: baseUnixNano + nanosPerMilli,
    severityNumber: SeverityNumber.INFO,
    severityText: "INFO",
    body: { value: { case: "stringValue", value: `order ${random.below(100_000)} was placed` } },
    attributes: makeLogAttributes(5, random),
    flags: 1,
    traceId: random.bytes(16),
    spanId: random.bytes(8),
    ...overrides,
  });
}

/** Log records of one resource and scope. Every 4th has a structured body, every 6th is an event. */
export function makeLogsRequest(options: LogsRequestOptions = {}): ExportLogsServiceRequest {
  const { count = 1, startUnixNano = baseUnixNano, attributesPerRecord = 5 } = options;
  const random = createRandom(options.seed ?? 1);
  const logRecords = Array.from({ length: count }, (_, index) => {
    const time = startUnixNano + BigInt(index) * nanosPerMilli;
    const [severityText, severityNumber] = severities[index % severities.length] ?? severities[0];
    return makeLogRecord(
      {
        timeUnixNano: time,
        observedTimeUnixNano: time + nanosPerMilli,
        severityNumber,
        severityText,
        attributes: makeLogAttributes(attributesPerRecord, random),
        ...(index % 4 === 3 && { body: makeStructuredBody(random) }),
        ...(index % 6 === 5 && { eventName: "shop.order.placed" }),
      },
      random,
    );
  });
  return create(ExportLogsServiceRequestSchema, {
    resourceLogs: [
      { resource: makeResource(options), scopeLogs: [{ scope: makeScope(options), logRecords }] },
    ],
  });
}

/**
 * Data points of one resource and scope, dealt in turn to a sum, a gauge, a histogram, an
 * exponential histogram and a summary; so `count: 5` has one of each.
 */
export function makeMetricsRequest(options: RequestOptions = {}): ExportMetricsServiceRequest {
  const { count = 1, startUnixNano = baseUnixNano } = options;
  const random = createRandom(options.seed ?? 1);
  const metrics = metricMakers.slice(0, count).map((makeMetric, offset) => {
    const points = Array.from({ length: Math.ceil((count - offset) / metricMakers.length) }, (_, turn) => {
      const index = offset + turn * metricMakers.length;
      return {
        startTimeUnixNano: startUnixNano,
        timeUnixNano: startUnixNano + BigInt(index + 1) * nanosPerMilli,
        attributes: makeAttributes({
          "http.request.method": random.pick(methods),
          "url.template": `/items/${index}`,
        }),
      };
    });
    return makeMetric(points, random);
  });
  return create(ExportMetricsServiceRequestSchema, {
    resourceMetrics: [
      { resource: makeResource(options), scopeMetrics: [{ scope: makeScope(options), metrics }] },
    ],
  });
}

/** CPU profiles of one resource and scope, four samples each, with the dictionary they share. */
export function makeProfilesRequest(options: RequestOptions = {}): ExportProfilesServiceRequest {
  const { count = 1, startUnixNano = baseUnixNano } = options;
  const random = createRandom(options.seed ?? 1);
  const profiles = Array.from({ length: count }, (_, index): MessageInitShape<typeof ProfileSchema> => {
    const time = startUnixNano + BigInt(index) * nanosPerMilli;
    return {
      sampleType: { typeStrindex: 1, unitStrindex: 2 },
      samples: Array.from({ length: 4 }, (_, sample) => ({
        stackIndex: 1 + random.below(2),
        attributeIndices: [1],
        linkIndex: sample === 0 ? 1 : 0,
        values: [BigInt(1 + random.below(50)) * nanosPerMilli],
        timestampsUnixNano: [time + BigInt(sample) * 10_000_000n],
      })),
      timeUnixNano: time,
      durationNano: 1_000_000_000n,
      periodType: { typeStrindex: 1, unitStrindex: 2 },
      period: 10_000_000n,
      profileId: random.bytes(16),
    };
  });
  return create(ExportProfilesServiceRequestSchema, {
    resourceProfiles: [
      { resource: makeResource(options), scopeProfiles: [{ scope: makeScope(options), profiles }] },
    ],
    // Entry 0 of every table is the empty value, as profiles.proto asks.
    dictionary: {
      stringTable: [
        "",
        "cpu",
        "nanoseconds",
        "main",
        "handleRequest",
        "parse",
        "server.ts",
        "thread.name",
        "/usr/bin/shop",
      ],
      mappingTable: [{}, { memoryStart: 0x400000n, memoryLimit: 0x800000n, filenameStrindex: 8 }],
      functionTable: [
        {},
        ...[3, 4, 5].map((nameStrindex) => ({ nameStrindex, filenameStrindex: 6, startLine: 10n })),
      ],
      locationTable: [
        {},
        ...[1, 2, 3].map((functionIndex) => ({
          mappingIndex: 1,
          address: 0x400000n + BigInt(functionIndex * 64),
          lines: [{ functionIndex, line: BigInt(10 + functionIndex), column: 3n }],
        })),
      ],
      stackTable: [{}, { locationIndices: [2, 1] }, { locationIndices: [3, 2, 1] }],
      attributeTable: [{}, { keyStrindex: 7, value: { value: { case: "stringValue", value: "worker-1" } } }],
      linkTable: [{}, { traceId: random.bytes(16), spanId: random.bytes(8) }],
    },
  });
}

const methods = ["GET", "POST", "PUT", "DELETE"] as const;
const routes = ["/cart", "/items/{id}", "/orders", "/users/{id}/orders"] as const;
const severities = [
  ["INFO", SeverityNumber.INFO],
  ["DEBUG", SeverityNumber.DEBUG],
  ["WARN", SeverityNumber.WARN],
  ["ERROR", SeverityNumber.ERROR],
  ["TRACE", SeverityNumber.TRACE],
] as const;

function makeResource({ serviceName = "shop", resource = {} }: RequestOptions) {
  return {
    attributes: makeAttributes({
      "service.name": serviceName,
      "service.version": "2.4.1",
      "telemetry.sdk.language": "nodejs",
      "host.name": "web-1",
      ...resource,
    }),
  };
}

function makeScope({ scope = { name: "http", version: "1.0" } }: RequestOptions) {
  return { name: scope.name, version: scope.version, attributes: makeAttributes(scope.attributes ?? {}) };
}

function makeSpanOfTrace(
  index: number,
  root: Span | undefined,
  start: bigint,
  attributeCount: number,
  random: Random,
): Span {
  const failed = index % 10 === 9;
  const end = start + BigInt(100_000 + random.below(50_000_000));
  const middle = start + (end - start) / 2n;
  const events = [];
  if (index % 5 === 4) {
    events.push({
      timeUnixNano: middle,
      name: "cache.miss",
      attributes: makeAttributes({
        "cache.key": `cart:${random.below(1000)}`,
        "cache.size": random.below(4096),
      }),
    });
  }
  if (failed) {
    events.push({
      timeUnixNano: end,
      name: "exception",
      attributes: makeAttributes({
        "exception.type": "TimeoutError",
        "exception.message": "no answer in 50 ms",
      }),
    });
  }
  return makeSpan(
    {
      ...(root && { traceId: root.traceId, parentSpanId: root.spanId }),
      name: `${random.pick(methods)} ${random.pick(routes)}`,
      kind: root ? random.pick([Span_SpanKind.INTERNAL, Span_SpanKind.CLIENT]) : Span_SpanKind.SERVER,
      startTimeUnixNano: start,
      endTimeUnixNano: end,
      attributes: makeSpanAttributes(attributeCount, failed ? 500 : 200, random),
      events,
      links: index % 8 === 7 ? [{ traceId: random.bytes(16), spanId: random.bytes(8), flags: 1 }] : [],
      ...(failed && { status: { code: Status_StatusCode.ERROR, message: "upstream timed out" } }),
    },
    random,
  );
}

function makeSpanAttributes(count: number, httpStatus: number, random: Random): KeyValue[] {
  return makeAttributes(
    firstEntries(count, {
      "http.request.method": random.pick(methods),
      "http.response.status_code": httpStatus,
      "http.route": random.pick(routes),
      "url.scheme": "https",
      "url.path": `/items/${random.below(10_000)}`,
      "server.address": "shop.example.com",
      "server.port": 443,
      "client.address": `10.0.${random.below(256)}.${random.below(256)}`,
      "network.protocol.version": "1.1",
      "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    }),
  );
}

function makeLogAttributes(count: number, random: Random): KeyValue[] {
  return makeAttributes(
    firstEntries(count, {
      "log.logger": "shop.orders",
      "thread.id": random.below(64),
      "order.total": random.below(10_000) / 100 + 0.001,
      "order.paid": random.below(2) === 1,
      "code.function.name": "placeOrder",
    }),
  );
}

function makeStructuredBody(random: Random): MessageInitShape<typeof AnyValueSchema> {
  const items = [random.below(100), random.below(100)].map((value) => ({ value: anyValue(value) }));
  return {
    value: {
      case: "kvlistValue",
      value: {
        values: [
          ...makeAttributes({ "order.id": random.below(100_000), customer: "a@example.com" }),
          { key: "items", value: { value: { case: "arrayValue", value: { values: items } } } },
        ],
      },
    },
  };
}
