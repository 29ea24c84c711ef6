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
import type { DurationFigures } from "../../../use-cases/read/figures/duration-figures.ts";
import type { GroupValue } from "../../../use-cases/read/figures/group-table.ts";
import type {
  FiguresAnswer,
  SpanSummaries,
  SpanSummary,
} from "../../../use-cases/read/figures/summarize-spans.ts";
import type { ServiceCalls } from "../../../use-cases/read/graph/graph-builder.ts";
import type { ServiceGraph } from "../../../use-cases/read/graph/service-graph.ts";
import { groupByText } from "./from-proto.ts";
import { toMetricType } from "./metric-types.ts";
import { toDurationOf, toKnownTimestamp } from "./to-proto.ts";

/* Figures as messages of the API. */

export function toSpanGroup(groupBy: readonly GroupBy[], group: SpanSummary, cursor: string): pb.SpanGroup {
  const { values, count, rate, errorCount, durations, slowestTraceId, newestErrorTraceId } = group;
  return create(pb.SpanGroupSchema, {
    group: toGroup(groupBy, values),
    count,
    ...(rate !== undefined && { rate }),
    errorCount,
    ...toDurations(durations),
    cursor,
    slowestTraceId,
    newestErrorTraceId,
  });
}

export function toServiceCalls(calls: ServiceCalls): pb.ServiceCalls {
  const { caller, callee, isPeer, isMessaging, errorCount, durations } = calls;
  return create(pb.ServiceCallsSchema, {
    caller,
    callee,
    peer: isPeer,
    messaging: isMessaging,
    calls: calls.calls,
    errorCount,
    ...toDurations(durations),
  });
}

export function toGraphAnswer(graph: ServiceGraph<unknown>) {
  const { services, leftOut, notLookedAt, cursor, unreadable } = graph;
  return {
    services: services.map(({ name, spanCount }) => ({ name, spanCount })),
    leftOutPairs: leftOut.pairs,
    leftOut: leftOut.calls,
    notLookedAt,
    cursor,
    unreadable: BigInt(unreadable),
  };
}

function toDurations(durations: DurationFigures | undefined) {
  if (durations === undefined) return {};
  const { p50, p90, p95, p99, max } = durations;
  return {
    p50: toDurationOf(p50),
    p90: toDurationOf(p90),
    p95: toDurationOf(p95),
    p99: toDurationOf(p99),
    max: toDurationOf(max),
  };
}

export function toSummaryAnswer({ window, ...rest }: SpanSummaries<unknown>) {
  return {
    ...toFigures(rest),
    startTime: window && toKnownTimestamp(window.startUnixNano),
    endTime: window && toKnownTimestamp(window.endUnixNano),
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
      startTime: toKnownTimestamp(steps.startUnixNano),
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

export function toGroup(groupBy: readonly GroupBy[], values: readonly GroupValue[]): Record<string, string> {
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
