import { exporterVariables } from "../otlp/exporter-variables.ts";

/** The protocols that the variables can name; every receiver takes all of them. */
export type ExporterProtocol = "grpc" | "http/protobuf" | "http/json";

/** The variables that make an SDK send to a receiver, ten times a second. */
export interface ExporterEnv {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT: string;
  readonly OTEL_EXPORTER_OTLP_PROTOCOL: ExporterProtocol;
  readonly OTEL_TRACES_EXPORTER: "otlp";
  readonly OTEL_LOGS_EXPORTER: "otlp";
  readonly OTEL_METRICS_EXPORTER: "otlp";
  readonly OTEL_BSP_SCHEDULE_DELAY: string;
  readonly OTEL_BLRP_SCHEDULE_DELAY: string;
  readonly OTEL_METRIC_EXPORT_INTERVAL: string;
  readonly OTEL_METRIC_EXPORT_TIMEOUT: string;
  readonly [name: string]: string;
}

export function exporterEnv(endpoint: string, protocol: ExporterProtocol): ExporterEnv {
  return { ...exporterVariables(endpoint), OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
}
