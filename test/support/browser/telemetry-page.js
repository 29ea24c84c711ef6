// Runs in a browser: a page that traces, logs and counts with the official SDK, and sends it all by the
// official exporters for the web. It tells the server that it came from when it is done.
import { SeverityNumber } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const { endpoint, headers } = await (await fetch("/settings")).json();
const resource = resourceFromAttributes({ "service.name": "web-shop" });
const to = (path) => ({ url: `${endpoint}${path}`, headers });

const tracers = new TracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(to("/v1/traces")) })],
});
const loggers = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(to("/v1/logs")) })],
});
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(to("/v1/metrics")) })],
});

tracers.getTracer("page").startSpan("click buy").end();
loggers.getLogger("page").emit({ severityNumber: SeverityNumber.INFO, body: "bought" });
meters.getMeter("page").createCounter("clicks").add(1);

const flushed = await Promise.allSettled([tracers.forceFlush(), loggers.forceFlush(), meters.forceFlush()]);
await fetch("/done", { method: "POST", body: JSON.stringify(flushed.map(({ status }) => status)) });
