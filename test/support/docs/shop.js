import { ROOT_CONTEXT, SeverityNumber, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** The program under test in the samples of docs/testing.md: a shop in which the card of the cart c3 is declined. */
export function startShop({ otlpEndpoint }) {
  const url = (signal) => ({ url: `${otlpEndpoint}/v1/${signal}` });
  const resource = resourceFromAttributes({ "service.name": "shop" });
  const spanExporter = new OTLPTraceExporter(url("traces"));
  const traces = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: spanExporter, scheduledDelayMillis: 20 })],
  });
  const logs = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter(url("logs")) })],
  });
  const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(url("metrics")) });
  const metrics = new MeterProvider({ resource, readers: [reader] });
  const tracer = traces.getTracer("shop");
  const orders = metrics.getMeter("shop").createCounter("shop.orders");
  const providers = [traces, logs, metrics];
  return {
    async checkout(id) {
      const attributes = { "cart.id": id };
      const outcome = id === "c3" ? "declined" : "paid";
      const order = tracer.startSpan("POST /checkout", { kind: SpanKind.SERVER, attributes });
      const inOrder = trace.setSpan(ROOT_CONTEXT, order);
      const charge = tracer.startSpan("charge card", { attributes }, inOrder);
      const spans = [charge, order];
      for (const span of spans) {
        if (outcome === "declined") span.setStatus({ code: SpanStatusCode.ERROR, message: "card declined" });
        span.end();
      }
      orders.add(1, { outcome });
      const severityNumber = outcome === "paid" ? SeverityNumber.INFO : SeverityNumber.ERROR;
      logs.getLogger("shop").emit({ severityNumber, body: `order ${id} ${outcome}`, context: inOrder });
    },
    flush: () => Promise.all(providers.map((provider) => provider.forceFlush())),
    [Symbol.asyncDispose]: () => Promise.all(providers.map((provider) => provider.shutdown())),
  };
}
