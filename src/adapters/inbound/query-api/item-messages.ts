import type { LogRecord, MetricPoint, Span, TraceSummary } from "../../../domain/telemetry.ts";
import type { Reader } from "../../../use-cases/read/reader.ts";
import { toMetricPoint } from "./metric-to-proto.ts";
import { toLogRecord, toSpan, toTraceSummary } from "./to-proto.ts";

/** Functions that make messages of the API from items, each with the cursor of its item. */
export function itemMessages({ itemCursor }: Pick<Reader, "itemCursor">) {
  return {
    span: (span: Span) => toSpan(span, itemCursor("traces", span.ordinal)),
    trace: (trace: TraceSummary) => toTraceSummary(trace, itemCursor("traces", trace.ordinal)),
    log: (log: LogRecord) => toLogRecord(log, itemCursor("logs", log.ordinal)),
    point: (point: MetricPoint) => toMetricPoint(point, itemCursor("metrics", point.ordinal)),
  };
}
