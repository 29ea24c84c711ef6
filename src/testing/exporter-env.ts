/** The protocols that the variables can name; every receiver takes all of them. */
export type ExporterProtocol = "grpc" | "http/protobuf" | "http/json";

/** Milliseconds between two exports of an SDK. */
const exportIntervalMs = "100";

/**
 * The variables that make an SDK send to a receiver, and soon (OpenTelemetry specification, "Environment Variable
 * Specification" and "OTLP Exporter Configuration"). By default SDKs send spans every 5 s, log records every second
 * and metrics every minute, which is longer than a test wants to wait.
 */
export interface ExporterEnv {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT: string;
  readonly OTEL_EXPORTER_OTLP_PROTOCOL: ExporterProtocol;
  readonly OTEL_TRACES_EXPORTER: "otlp";
  readonly OTEL_LOGS_EXPORTER: "otlp";
  readonly OTEL_METRICS_EXPORTER: "otlp";
  readonly OTEL_BSP_SCHEDULE_DELAY: string;
  readonly OTEL_BLRP_SCHEDULE_DELAY: string;
  readonly OTEL_METRIC_EXPORT_INTERVAL: string;
  /** SDKs refuse one that is longer than the interval. */
  readonly OTEL_METRIC_EXPORT_TIMEOUT: string;
  readonly [name: string]: string;
}

export function exporterEnv(endpoint: string, protocol: ExporterProtocol): ExporterEnv {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_BSP_SCHEDULE_DELAY: exportIntervalMs,
    OTEL_BLRP_SCHEDULE_DELAY: exportIntervalMs,
    OTEL_METRIC_EXPORT_INTERVAL: exportIntervalMs,
    OTEL_METRIC_EXPORT_TIMEOUT: exportIntervalMs,
  };
}
