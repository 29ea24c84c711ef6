import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { InstrumentationScopeSchema } from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { ResourceSchema } from "../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import { type Signal, signals } from "../../domain/signal.ts";
import { itemSchemas } from "../services.ts";
import * as layout from "./layout.ts";
import type { FieldAction } from "./schema-table.ts";

/** The kinds of the messages of `itemSchemas`, in their order: by which checks they are valid. */
const itemKinds = {
  traces: [layout.ITEM_SPAN],
  logs: [layout.ITEM_LOG_RECORD],
  metrics: [
    layout.ITEM_NUMBER_POINT,
    layout.ITEM_HISTOGRAM_POINT,
    layout.ITEM_OTHER_POINT,
    layout.ITEM_OTHER_POINT,
  ],
  profiles: [layout.ITEM_PROFILE],
} as const satisfies {
  readonly [S in Signal]: readonly number[] & { readonly length: (typeof itemSchemas)[S]["length"] };
};

/** What fields that hold a message of this type mean. */
const messageMeanings = new Map<DescMessage, FieldAction>([
  [ResourceSchema, [layout.ROLE_CONTEXT, 0]],
  [InstrumentationScopeSchema, [layout.ROLE_CONTEXT, 0]],
  ...signals.flatMap((signal) =>
    itemSchemas[signal].map((schema, i): [DescMessage, FieldAction] => [
      schema,
      [layout.ROLE_ITEM, itemKinds[signal][i] ?? 0],
    ]),
  ),
]);

/** What a field means to the index: [ROLE_* or OP_*, its argument]. Keys are `Message.field`. */
const meanings: Readonly<Record<string, FieldAction>> = {
  "Resource.attributes": [layout.ROLE_RESOURCE_ATTRIBUTE, 0],

  "Span.trace_id": [layout.OP_TRACE_ID, 0],
  "Span.span_id": [layout.OP_SPAN_ID, 0],
  "Span.parent_span_id": [layout.OP_PARENT_SPAN_ID, 0],
  "Span.name": [layout.OP_STRING, layout.ROW_NAME_AT],
  "Span.kind": [layout.OP_ENUM, layout.ROW_CATEGORY],
  "Span.start_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],
  "Span.end_time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME_2],
  "Status.code": [layout.OP_ENUM, layout.ROW_STATUS],

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

  "Profile.time_unix_nano": [layout.OP_FIXED64, layout.ROW_TIME],
  "Profile.profile_id": [layout.OP_PROFILE_ID, 0],
};

export function indexAction(field: DescField): FieldAction {
  const { message, parent } = field;
  const known = meanings[`${parent.name}.${field.name}`];
  if (known !== undefined) return known;
  return message === undefined ? [0, 0] : (messageMeanings.get(message) ?? [roleOf(message), 0]);
}

/** The messages of all signals are alike: containers hold a resource or a scope beside what belongs to it. */
function roleOf(message: DescMessage): number {
  if (message.name === "KeyValue") return layout.ROLE_KEY_VALUE;
  const holds = (schema: DescMessage) => message.fields.some((field) => field.message === schema);
  if (holds(ResourceSchema)) return layout.ROLE_RESOURCE_CONTAINER;
  return holds(InstrumentationScopeSchema) ? layout.ROLE_SCOPE_CONTAINER : 0;
}
