import type { DescField } from "@bufbuild/protobuf";
import * as layout from "./layout.ts";
import type { FieldAction } from "./schema-table.ts";

/** What a field means to the index: [ROLE_* or OP_*, its argument]. Keys are `Message.field`. */
const meanings: Readonly<Record<string, FieldAction>> = {
  "ExportTraceServiceRequest.resource_spans": [layout.ROLE_RESOURCE_CONTAINER, 0],
  "ExportLogsServiceRequest.resource_logs": [layout.ROLE_RESOURCE_CONTAINER, 0],
  "ExportMetricsServiceRequest.resource_metrics": [layout.ROLE_RESOURCE_CONTAINER, 0],
  "ExportProfilesServiceRequest.resource_profiles": [layout.ROLE_RESOURCE_CONTAINER, 0],
  "ResourceSpans.scope_spans": [layout.ROLE_SCOPE_CONTAINER, 0],
  "ResourceLogs.scope_logs": [layout.ROLE_SCOPE_CONTAINER, 0],
  "ResourceMetrics.scope_metrics": [layout.ROLE_SCOPE_CONTAINER, 0],
  "ResourceProfiles.scope_profiles": [layout.ROLE_SCOPE_CONTAINER, 0],
  "Resource.attributes": [layout.ROLE_RESOURCE_ATTRIBUTE, 0],

  "ScopeSpans.spans": [layout.ROLE_ITEM, layout.ITEM_SPAN],
  "Span.trace_id": [layout.OP_TRACE_ID, 0],
  "Span.span_id": [layout.OP_SPAN_ID, 0],
  "Span.parent_span_id": [layout.OP_PARENT_SPAN_ID, 0],
  "Span.name": [layout.OP_STRING, layout.ROW_NAME_AT],
  "Span.kind": [layout.OP_ENUM, layout.ROW_CATEGORY],
  "Span.start_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],
  "Span.end_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME_2],
  "Status.code": [layout.OP_ENUM, layout.ROW_STATUS],

  "ScopeLogs.log_records": [layout.ROLE_ITEM, layout.ITEM_LOG_RECORD],
  "LogRecord.time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],
  "LogRecord.observed_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME_2],
  "LogRecord.severity_number": [layout.OP_ENUM, layout.ROW_CATEGORY],
  "LogRecord.trace_id": [layout.OP_TRACE_ID, 0],
  "LogRecord.span_id": [layout.OP_SPAN_ID, 0],

  "ScopeMetrics.metrics": [layout.ROLE_METRIC, 0],
  "Metric.name": [layout.OP_METRIC_NAME, 0],
  "Metric.gauge": [layout.ROLE_METRIC_DATA, layout.METRIC_GAUGE],
  "Metric.sum": [layout.ROLE_METRIC_DATA, layout.METRIC_SUM],
  "Metric.histogram": [layout.ROLE_METRIC_DATA, layout.METRIC_HISTOGRAM],
  "Metric.exponential_histogram": [layout.ROLE_METRIC_DATA, layout.METRIC_EXPONENTIAL_HISTOGRAM],
  "Metric.summary": [layout.ROLE_METRIC_DATA, layout.METRIC_SUMMARY],
  "Gauge.data_points": [layout.ROLE_ITEM, layout.ITEM_NUMBER_POINT],
  "Sum.data_points": [layout.ROLE_ITEM, layout.ITEM_NUMBER_POINT],
  "Histogram.data_points": [layout.ROLE_ITEM, layout.ITEM_HISTOGRAM_POINT],
  "ExponentialHistogram.data_points": [layout.ROLE_ITEM, layout.ITEM_OTHER_POINT],
  "Summary.data_points": [layout.ROLE_ITEM, layout.ITEM_OTHER_POINT],
  "NumberDataPoint.start_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME_2],
  "NumberDataPoint.time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],
  "NumberDataPoint.as_double": [layout.OP_VALUE, 0],
  "NumberDataPoint.as_int": [layout.OP_VALUE, 0],
  "NumberDataPoint.flags": [layout.OP_POINT_FLAGS, 0],
  "HistogramDataPoint.start_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME_2],
  "HistogramDataPoint.time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],
  "HistogramDataPoint.bucket_counts": [layout.OP_BUCKET_COUNTS, 0],
  "HistogramDataPoint.explicit_bounds": [layout.OP_EXPLICIT_BOUNDS, 0],
  "ExponentialHistogramDataPoint.start_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME_2],
  "ExponentialHistogramDataPoint.time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],
  "SummaryDataPoint.start_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME_2],
  "SummaryDataPoint.time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],

  "ScopeProfiles.profiles": [layout.ROLE_ITEM, layout.ITEM_PROFILE],
  "Profile.time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],
  "Profile.profile_id": [layout.OP_PROFILE_ID, 0],
};

export function indexAction(field: DescField): FieldAction {
  const isAttribute = field.message?.name === "KeyValue";
  return (
    meanings[`${field.parent.name}.${field.name}`] ?? (isAttribute ? [layout.ROLE_KEY_VALUE, 0] : [0, 0])
  );
}
