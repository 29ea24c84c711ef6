import { clone, create, createFileRegistry, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import {
  FeatureSet_Utf8Validation,
  FeatureSetSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FileOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import * as logsService from "../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import * as metricsService from "../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import * as profilesService from "../../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import * as traceService from "../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import * as common from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import * as logs from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import * as metrics from "../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import * as profiles from "../../../gen/opentelemetry/proto/profiles/v1development/profiles_pb.ts";
import * as resource from "../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import * as trace from "../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";

import type { Signal } from "../../domain/signal.ts";

/*
 * The OTLP schemas as the generated code has them, but for one thing: the strings of a proto3 file are
 * checked, so that `fromBinary` throws on invalid UTF-8. Here the files say `features.utf8_validation =
 * NONE`: bad bytes become U+FFFD, as DESIGN's "Validity" asks. Done on copies: the generated schemas
 * and everybody else's decoding stay as they are.
 */
const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    // In the order of their imports.
    file: [
      common.file_opentelemetry_proto_common_v1_common,
      resource.file_opentelemetry_proto_resource_v1_resource,
      trace.file_opentelemetry_proto_trace_v1_trace,
      logs.file_opentelemetry_proto_logs_v1_logs,
      metrics.file_opentelemetry_proto_metrics_v1_metrics,
      profiles.file_opentelemetry_proto_profiles_v1development_profiles,
      traceService.file_opentelemetry_proto_collector_trace_v1_trace_service,
      logsService.file_opentelemetry_proto_collector_logs_v1_logs_service,
      metricsService.file_opentelemetry_proto_collector_metrics_v1_metrics_service,
      profilesService.file_opentelemetry_proto_collector_profiles_v1development_profiles_service,
    ].map(withoutUtf8Validation),
  }),
);

function withoutUtf8Validation(file: DescFile) {
  const copy = clone(FileDescriptorProtoSchema, file.proto);
  copy.options ??= create(FileOptionsSchema);
  copy.options.features ??= create(FeatureSetSchema);
  copy.options.features.utf8Validation = FeatureSet_Utf8Validation.NONE;
  return copy;
}

function lenient<Desc extends DescMessage>(schema: Desc): Desc {
  const copy = registry.getMessage(schema.typeName);
  if (copy === undefined) {
    throw new Error(`no schema for ${schema.typeName}`);
  }
  return copy as Desc;
}

export const SpanSchema = lenient(trace.SpanSchema);
export const LogRecordSchema = lenient(logs.LogRecordSchema);
export const MetricSchema = lenient(metrics.MetricSchema);
export const NumberDataPointSchema = lenient(metrics.NumberDataPointSchema);
export const HistogramDataPointSchema = lenient(metrics.HistogramDataPointSchema);
export const ExponentialHistogramDataPointSchema = lenient(metrics.ExponentialHistogramDataPointSchema);
export const SummaryDataPointSchema = lenient(metrics.SummaryDataPointSchema);
export const ResourceSchema = lenient(resource.ResourceSchema);
export const InstrumentationScopeSchema = lenient(common.InstrumentationScopeSchema);

/** The message that the `Export` method of each signal takes. */
export const requestSchemas = {
  traces: lenient(traceService.ExportTraceServiceRequestSchema),
  logs: lenient(logsService.ExportLogsServiceRequestSchema),
  metrics: lenient(metricsService.ExportMetricsServiceRequestSchema),
  profiles: lenient(profilesService.ExportProfilesServiceRequestSchema),
} as const satisfies Record<Signal, DescMessage>;
