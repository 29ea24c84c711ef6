/** Milliseconds between two exports of spans, and of log records. */
const intervalMs = 100;

/**
 * The variables that make an SDK send to a receiver, and soon (OpenTelemetry specification, "Environment Variable
 * Specification" and "OTLP Exporter Configuration"). By default SDKs send spans every 5 s, log records every second
 * and metrics every minute, which is longer than a short program runs.
 * @param endpoint the base URL of the receiver
 * @param metricIntervalMs between two exports of metrics
 */
export function exporterVariables(endpoint: string, metricIntervalMs = intervalMs) {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_TRACES_EXPORTER: "otlp" as const,
    OTEL_LOGS_EXPORTER: "otlp" as const,
    OTEL_METRICS_EXPORTER: "otlp" as const,
    OTEL_BSP_SCHEDULE_DELAY: String(intervalMs),
    OTEL_BLRP_SCHEDULE_DELAY: String(intervalMs),
    OTEL_METRIC_EXPORT_INTERVAL: String(metricIntervalMs),
    // SDKs refuse one that is longer than the interval.
    OTEL_METRIC_EXPORT_TIMEOUT: String(metricIntervalMs),
  };
}
