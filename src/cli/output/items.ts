import type { LogRecord, MetricPoint, Span } from "../../../gen/obsvty/v1/query_pb.ts";
import { LogRecordSchema, MetricPointSchema, SpanSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import { logLine } from "./log-line.ts";
import { metricLine } from "./metric-line.ts";
import type { Output } from "./output.ts";
import { spanLine } from "./span-line.ts";

/** The lists of an answer; one of them has items. */
export interface ItemLists {
  readonly spans?: readonly Span[];
  readonly logs?: readonly LogRecord[];
  readonly metrics?: readonly MetricPoint[];
}

/** Prints each item as a line. */
export async function printItems({ spans = [], logs = [], metrics = [] }: ItemLists, output: Output) {
  if (output.isText) {
    const { view } = output;
    await output.lines(Iterator.from(spans).map((span) => spanLine(span, view)));
    await output.lines(Iterator.from(logs).map((log) => logLine(log, view)));
    await output.lines(Iterator.from(metrics).map((point) => metricLine(point, view)));
  } else {
    await output.json(SpanSchema, spans);
    await output.json(LogRecordSchema, logs);
    await output.json(MetricPointSchema, metrics);
  }
}
