import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { LogFilter, MetricFilter, SpanFilter } from "../../domain/filter.ts";
import type { Signal } from "../../domain/signal.ts";
import type { ItemContext, LogRecord, MetricPoint, Span } from "../../domain/telemetry.ts";
import { decodeLogRecord, decodeMetricPoint, decodeSpan } from "../../otlp/decode/decode-item.ts";
import type { ItemCriteria } from "../../ports/telemetry-store.ts";
import {
  attributeMatcher,
  logCriteria,
  logMatcher,
  type Matcher,
  metricCriteria,
  spanCriteria,
} from "./item-match.ts";

/** How to find the items of one signal that match a filter. */
export interface ItemPlan<Item extends ItemContext> {
  readonly signal: Signal;
  readonly criteria: ItemCriteria;
  readonly decode: (item: EncodedItem) => Item;
  /** What the criteria cannot say. */
  readonly matches: Matcher<Item> | undefined;
}

export function spanPlan(filter: SpanFilter = {}): ItemPlan<Span> {
  const matches = attributeMatcher(filter.attributes);
  return { signal: "traces", criteria: spanCriteria(filter), decode: decodeSpan, matches };
}

export function logPlan(filter: LogFilter = {}): ItemPlan<LogRecord> {
  const matches = logMatcher(filter);
  return { signal: "logs", criteria: logCriteria(filter), decode: decodeLogRecord, matches };
}

export function metricPlan(filter: MetricFilter = {}): ItemPlan<MetricPoint> {
  const matches = attributeMatcher(filter.attributes);
  return { signal: "metrics", criteria: metricCriteria(filter), decode: decodeMetricPoint, matches };
}
