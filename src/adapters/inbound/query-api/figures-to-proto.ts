import { create, type DescEnum } from "@bufbuild/protobuf";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { SeverityNumberSchema } from "../../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  Span_SpanKindSchema,
  Status_StatusCodeSchema,
} from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { GroupBy, GroupField } from "../../../domain/grouping.ts";
import { type MetricType, metricTypes } from "../../../domain/telemetry.ts";
import type { GroupOverTime, Histogram } from "../../../use-cases/read/figures/count-over-time.ts";
import type { GroupValue } from "../../../use-cases/read/figures/group-table.ts";
import type {
  FiguresAnswer,
  SpanSummaries,
  SpanSummary,
} from "../../../use-cases/read/figures/summarize-spans.ts";
import { groupByText } from "./from-proto.ts";
import { toMetricType } from "./metric-types.ts";
import { toDurationOf, toTimestamp } from "./to-proto.ts";

/* Figures as messages of the API. */

export function toSpanGroup(groupBy: readonly GroupBy[], group: SpanSummary, cursor: string): pb.SpanGroup {
  const { values, count, rate, errorCount, durations, slowestTraceId, newestErrorTraceId } = group;
  return create(pb.SpanGroupSchema, {
    group: toGroup(groupBy, values),
    count,
    ...(rate !== undefined && { rate }),
    errorCount,
    ...(durations && {
      p50: toDurationOf(durations.p50),
      p90: toDurationOf(durations.p90),
      p95: toDurationOf(durations.p95),
      p99: toDurationOf(durations.p99),
      max: toDurationOf(durations.max),
    }),
    cursor,
    slowestTraceId,
    newestErrorTraceId,
  });
}

export function toSummaryAnswer({ window, ...rest }: SpanSummaries<unknown>) {
  return {
    ...toFigures(rest),
    startTime: window && toTimestamp(window.startUnixNano),
    endTime: window && toTimestamp(window.endUnixNano),
  };
}

export function toCountGroup(
  groupBy: readonly GroupBy[],
  { values, count, counts }: GroupOverTime,
): pb.CountGroup {
  return create(pb.CountGroupSchema, { group: toGroup(groupBy, values), count, counts: [...counts] });
}

export function toCountAnswer({ steps, untimed, ...rest }: Histogram<unknown>) {
  return {
    ...toFigures(rest),
    untimed,
    ...(steps && {
      startTime: toTimestamp(steps.startUnixNano),
      step: toDurationOf(Number(steps.stepNano)),
      buckets: steps.count,
    }),
  };
}

function toFigures({ matched, leftOut, cursor, unreadable }: FiguresAnswer) {
  return {
    matched,
    leftOutGroups: leftOut.groups,
    leftOut: leftOut.items,
    cursor,
    unreadable: BigInt(unreadable),
  };
}

function toGroup(groupBy: readonly GroupBy[], values: readonly GroupValue[]): Record<string, string> {
  return Object.fromEntries(groupBy.map((by, i) => [groupByText(by), valueText(by, values[i] ?? "")]));
}

/** The enums of the fields by which items are grouped. */
const enums: { readonly [Field in GroupField]?: DescEnum } = {
  kind: Span_SpanKindSchema,
  status: Status_StatusCodeSchema,
  severity: SeverityNumberSchema,
};

/** OTLP's enums are open: values that this server does not know are shown as numbers. */
function valueText(by: GroupBy, value: GroupValue): string {
  if (typeof value === "number") {
    const name = "field" in by ? enums[by.field]?.value[value]?.name : undefined;
    return name ?? String(value);
  }
  const type = "field" in by && by.field === "type" ? metricTypes.find((each) => each === value) : undefined;
  return type === undefined ? value : typeName(type);
}

function typeName(type: MetricType): string {
  return pb.MetricTypeSchema.value[toMetricType(type)]?.name ?? type;
}
