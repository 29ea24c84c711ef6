// Sets the SDK up from the page's address: /?endpoint=http://localhost:4318
import { logs, metrics, trace } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const endpoint = new URLSearchParams(location.search).get("endpoint") ?? "http://localhost:4318";
const resource = resourceFromAttributes({ "service.name": "shop" });

const tracers = new TracerProvider({
  resource,
  spanProcessors: [
    new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }) }),
  ],
});
const loggers = new LoggerProvider({
  resource,
  processors: [
    new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${endpoint}/v1/logs` }) }),
  ],
});
const meters = new MeterProvider({
  resource,
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` }),
    }),
  ],
});
trace.setGlobalTracerProvider(tracers);
logs.setGlobalLoggerProvider(loggers);
metrics.setGlobalMeterProvider(meters);

/** Sends what is left. A page that is left would lose it. */
export const flush = () => Promise.all([tracers, loggers, meters].map((provider) => provider.forceFlush()));
addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());
