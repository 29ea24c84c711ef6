import type { DescMessage } from "@bufbuild/protobuf";
import { LogsService } from "../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { MetricsService } from "../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ProfilesService } from "../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import { TraceService } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { LogRecordSchema } from "../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  ExponentialHistogramDataPointSchema,
  HistogramDataPointSchema,
  MetricSchema,
  NumberDataPointSchema,
  SummaryDataPointSchema,
} from "../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { ProfileSchema } from "../../gen/opentelemetry/proto/profiles/v1development/profiles_pb.ts";
import { SpanSchema } from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { bySignal, type Signal } from "../domain/signal.ts";

/**
 * The OTLP service of each signal, as generated from the .proto files. The one place in `src` where a signal
 * meets its generated code: request and response schemas, the scanner's table and the JSON encoding follow
 * from it.
 */
export const otlpServices = {
  traces: TraceService,
  logs: LogsService,
  metrics: MetricsService,
  profiles: ProfilesService,
} as const satisfies Record<Signal, { readonly method: { readonly export: ExportMethod } }>;

/** The messages that OTLP counts, and rejects one by one (OTLP 1.11, "Partial Success"). */
export const itemSchemas = {
  traces: [SpanSchema],
  logs: [LogRecordSchema],
  metrics: [
    NumberDataPointSchema,
    HistogramDataPointSchema,
    ExponentialHistogramDataPointSchema,
    SummaryDataPointSchema,
  ],
  profiles: [ProfileSchema],
} as const satisfies Record<Signal, readonly DescMessage[]>;

interface ExportMethod {
  readonly input: DescMessage;
  readonly output: DescMessage;
}

type ExportMethods = { readonly [S in Signal]: (typeof otlpServices)[S]["method"]["export"] };

/** The message that the `Export` method of each signal takes. */
export const requestSchemas = bySignal((signal) => otlpServices[signal].method.export.input) as {
  readonly [S in Signal]: ExportMethods[S]["input"];
};

/** The message that the `Export` method of each signal answers with. */
export const responseSchemas = bySignal((signal) => otlpServices[signal].method.export.output) as {
  readonly [S in Signal]: ExportMethods[S]["output"];
};

/** The numbers of the members of `Metric.data`: gauge, sum, histogram, exponential_histogram and summary. */
export const metricDataFields: ReadonlySet<number> = new Set(
  MetricSchema.oneofs.flatMap(({ fields }) => fields.map(({ number }) => number)),
);
