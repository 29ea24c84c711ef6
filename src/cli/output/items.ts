import type { LogRecord, MetricPoint, Span } from "../../../gen/obsvty/v1/query_pb.ts";
import { itemSchemas } from "../../api/item-schemas.ts";
import type { View } from "./line.ts";
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

export type Item = Span | LogRecord | MetricPoint;

/** A line for each item. */
export function* itemLines({ spans = [], logs = [], metrics = [] }: ItemLists, view: View): Iterable<string> {
  for (const span of spans) yield spanLine(span, view);
  for (const log of logs) yield logLine(log, view);
  for (const point of metrics) yield metricLine(point, view);
}

/** Prints each item as a line. */
export async function printItems(lists: ItemLists, output: Output) {
  if (output.isText) {
    await output.lines(itemLines(lists, output.view));
  } else {
    const { spans = [], logs = [], metrics = [] } = lists;
    await output.json(itemSchemas.spans, spans);
    await output.json(itemSchemas.logs, logs);
    await output.json(itemSchemas.metrics, metrics);
  }
}
