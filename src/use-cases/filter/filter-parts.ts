import type { LogFilter, MetricFilter, SpanFilter } from "../../domain/filter.ts";
import type { LogRecord, MetricPoint, Span } from "../../domain/telemetry.ts";
import { attributeMatcher, attributeText, type Matcher } from "./item-match.ts";

/** One field of a filter, by the name that callers know it by, and whether an item meets it. */
export interface FilterPart<Item> {
  readonly name: string;
  readonly isMet: Matcher<Item>;
}

/*
 * A filter taken apart, to say on which of its fields an item failed. Slower than criteria and matchers,
 * which only say whether; together the parts say the same.
 */

export function spanParts(filter: SpanFilter = {}): FilterPart<Span>[] {
  const { name, traceId, kind, statusCode, minDurationNano, maxDurationNano } = filter;
  return [
    ...commonParts<Span>(filter, ({ startUnixNano }) => startUnixNano),
    ...part<Span, string>("name", name, (span, wanted) => span.name === wanted),
    ...part<Span, string>("trace_id", traceId, (span, wanted) => span.traceId === wanted),
    ...part<Span, number>("kind", kind, (span, wanted) => span.kind === wanted),
    ...part<Span, number>("status_code", statusCode, (span, wanted) => span.status.code === wanted),
    ...part<Span, bigint>("min_duration", minDurationNano, (span, wanted) => durationNano(span) >= wanted),
    ...part<Span, bigint>("max_duration", maxDurationNano, (span, wanted) => durationNano(span) <= wanted),
  ];
}

export function logParts(filter: LogFilter = {}): FilterPart<LogRecord>[] {
  const { minSeverity, bodyContains, traceId } = filter;
  return [
    ...commonParts<LogRecord>(filter, (log) => log.timeUnixNano || log.observedTimeUnixNano),
    ...part<LogRecord, number>("min_severity", minSeverity, (log, wanted) => log.severityNumber >= wanted),
    ...part<LogRecord, string>(
      "body_contains",
      bodyContains,
      ({ body }, wanted) => body !== undefined && attributeText(body).includes(wanted),
    ),
    ...part<LogRecord, string>("trace_id", traceId, (log, wanted) => log.traceId === wanted),
  ];
}

export function metricParts(filter: MetricFilter = {}): FilterPart<MetricPoint>[] {
  const { name, type } = filter;
  return [
    ...commonParts<MetricPoint>(filter, ({ timeUnixNano }) => timeUnixNano),
    ...part<MetricPoint, string>("name", name, (point, wanted) => point.name === wanted),
    ...part<MetricPoint, string>("type", type, (point, wanted) => point.type === wanted),
  ];
}

function commonParts<Item extends Span | LogRecord | MetricPoint>(
  { service, sinceUnixNano, untilUnixNano, attributes = new Map() }: SpanFilter | LogFilter | MetricFilter,
  unixNano: (item: Item) => bigint,
): FilterPart<Item>[] {
  return [
    ...part<Item, string>("service", service, (item, wanted) => item.service === wanted),
    ...part<Item, bigint>("since", sinceUnixNano, (item, wanted) => unixNano(item) >= wanted),
    ...part<Item, bigint>("until", untilUnixNano, (item, wanted) => unixNano(item) < wanted),
    ...Array.from(attributes, ([key, text]) => ({
      name: `attributes[${JSON.stringify(shortened(key))}]`,
      isMet: attributeMatcher(new Map([[key, text]])) ?? (() => true),
    })),
  ];
}

function part<Item, Wanted>(
  name: string,
  wanted: Wanted | undefined,
  isMet: (item: Item, wanted: Wanted) => boolean,
): FilterPart<Item>[] {
  return wanted === undefined ? [] : [{ name, isMet: (item) => isMet(item, wanted) }];
}

/** A span that ends before it starts has a duration of 0, as in the index of the store. */
function durationNano({ startUnixNano, endUnixNano }: Span): bigint {
  return endUnixNano > startUnixNano ? endUnixNano - startUnixNano : 0n;
}

/** An error goes out in a header. */
function shortened(key: string): string {
  return key.length > 64 ? `${key.slice(0, 64)}...` : key;
}
