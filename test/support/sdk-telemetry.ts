import {
  ROOT_CONTEXT,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
  ValueType,
} from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import {
  type AggregationTemporality,
  AggregationType,
  MeterProvider,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import type { IdGenerator, ReadableSpan } from "@opentelemetry/sdk-trace";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

// Telemetry made by the OpenTelemetry SDK through its public API, with fixed ids and times.

export const sdkTraceId = "5b8efff798038103d269b633813fc60c";
export const sdkRemoteSpanId = "00f067aa0ba902b7";
/** 2026-11-23T10:00:00.123456789Z. */
export const sdkTimeUnixNano = 1_795_428_000_123_456_789n;
/** 1.5 ms later. */
export const sdkLaterUnixNano = 1_795_428_000_124_956_789n;

// The same as the SDK takes them: seconds and nanoseconds.
const sdkTime: [number, number] = [1_795_428_000, 123_456_789];
const sdkLater: [number, number] = [1_795_428_000, 124_956_789];

const resource: Resource = resourceFromAttributes({ "service.name": "shop", "process.pid": 4711 });
const remoteParent = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: sdkTraceId,
  spanId: sdkRemoteSpanId,
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
});

/** A failed server span with an event and a link, its client child, and a root in another scope. */
export async function recordSdkSpans(): Promise<ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource,
    idGenerator: createCountingIds(),
    spanLimits: { attributeCountLimit: 7 },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer("http", "1.0", { schemaUrl: "https://opentelemetry.io/schemas/1.37.0" });
  const server = tracer.startSpan(
    "GET /cart",
    {
      kind: SpanKind.SERVER,
      startTime: sdkTime,
      attributes: {
        "http.request.method": "GET",
        "http.response.status_code": 500,
        "cart.total": 12.5,
        "cart.empty": false,
        "balance.change": -3,
        "item.names": ["tea", "ünïcode ☕"],
        "item.counts": [1, 2.5],
        "one.too.many": "dropped by the limit",
      },
      links: [
        {
          context: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 },
          attributes: { "link.kind": "retry" },
        },
      ],
    },
    remoteParent,
  );
  server.addEvent("cache.miss", { "cache.key": "cart:7" }, sdkLater);
  server.setStatus({ code: SpanStatusCode.ERROR, message: "boom" });
  const child = tracer.startSpan(
    "SELECT",
    { kind: SpanKind.CLIENT, startTime: sdkTime },
    trace.setSpan(remoteParent, server),
  );
  child.end(sdkLater);
  server.end(sdkLater);
  provider.getTracer("jobs").startSpan("sweep", { startTime: sdkTime, root: true }).end(sdkLater);
  await provider.forceFlush();
  const spans = exporter.getFinishedSpans();
  await provider.shutdown();
  return [...spans];
}

/** A text in a trace, an event with a structured body, and a record with nothing but times. */
export async function recordSdkLogs(): Promise<ReadableLogRecord[]> {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger("orders", "2.1");
  logger.emit({
    timestamp: sdkTime,
    observedTimestamp: sdkLater,
    severityNumber: SeverityNumber.ERROR,
    severityText: "ERROR",
    body: "payment failed",
    attributes: { "order.id": 42 },
    context: remoteParent,
  });
  logger.emit({
    timestamp: sdkTime,
    observedTimestamp: sdkLater,
    eventName: "shop.order.placed",
    body: { id: 42, lines: [{ sku: "tea", price: 2.5 }, "note", true], nothing: null },
    attributes: { digest: new Uint8Array([0, 127, 255]) },
    context: ROOT_CONTEXT,
  });
  logger.emit({ timestamp: sdkTime, observedTimestamp: sdkLater, context: ROOT_CONTEXT });
  await provider.forceFlush();
  const records = exporter.getFinishedLogRecords();
  await provider.shutdown();
  return [...records];
}

/** A sum, an up-down sum, a gauge, a histogram and an exponential histogram. */
export async function recordSdkMetrics(temporality: AggregationTemporality): Promise<ResourceMetrics> {
  const reader = new OnDemandReader({ aggregationTemporalitySelector: () => temporality });
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [
      { instrumentName: "shop.sizes", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
      {
        instrumentName: "shop.latency",
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: [0.1, 1, 10] },
        },
      },
    ],
  });
  const meter = provider.getMeter("shop", "3.0");
  const orders = meter.createCounter("shop.orders", {
    description: "Orders placed.",
    unit: "{order}",
    valueType: ValueType.INT,
  });
  orders.add(3, { method: "card" });
  orders.add(4, { method: "cash" });
  meter.createUpDownCounter("shop.carts").add(-2.5);
  meter
    .createObservableGauge("shop.temperature", { unit: "Cel" })
    .addCallback((result) => result.observe(21.75));
  const latency = meter.createHistogram("shop.latency", { unit: "s" });
  for (const value of [0.0625, 0.4375, 0.75, 20]) latency.record(value);
  const sizes = meter.createHistogram("shop.sizes", { unit: "By" });
  for (const value of [0, 1, 2, 4]) sizes.record(value);
  const { resourceMetrics, errors } = await reader.collect();
  if (errors.length > 0) throw new AggregateError(errors, "the SDK could not collect");
  await provider.shutdown();
  return resourceMetrics;
}

/** Reads when asked to, so that no timer keeps a test waiting. */
class OnDemandReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

function createCountingIds(): IdGenerator {
  let last = 0;
  const next = (digits: number): string => (++last).toString(16).padStart(digits, "0");
  return { generateTraceId: () => next(32), generateSpanId: () => next(16) };
}
