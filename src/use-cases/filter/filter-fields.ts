import type { CommonFilter, LogFilter, MetricFilter, SpanFilter } from "../../domain/filter.ts";
import type { TraceId } from "../../domain/ids.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { LogRecord, MetricPoint, Span } from "../../domain/telemetry.ts";
import { isKnownTime } from "../../domain/time.ts";
import { attributeText, hasAttributes } from "./attribute-match.ts";
import type { FilterFields } from "./filter-field.ts";
import {
  containsText,
  itemContainsText,
  logTexts,
  metricTexts,
  spanTexts,
  type TextPlaces,
} from "./text-match.ts";

/** The time of an item of each kind, by which `since` and `until` take it. */
export const itemTimes: { readonly [Kind in ItemKind]: (item: ItemOf<Kind>) => bigint } = {
  spans: ({ startUnixNano }) => startUnixNano,
  logs: (log) => log.timeUnixNano || log.observedTimeUnixNano,
  metrics: ({ timeUnixNano }) => timeUnixNano,
};

/** The fields of a filter of spans. */
export const spanFields: FilterFields<Span, SpanFilter> = {
  ...commonFields<Span>(itemTimes.spans, spanTexts),
  ...nameFields<Span>(),
  traceId: traceIdField<Span>(),
  traceIds: {
    name: "trace_ids",
    isMet: ({ traceId }, wanted) => wanted.has(traceId),
  },
  kind: {
    name: "kind",
    isMet: (span, wanted) => span.kind === wanted,
  },
  statusCode: {
    name: "status_code",
    isMet: ({ status }, wanted) => status.code === wanted,
  },
  minDurationNano: {
    name: "min_duration",
    isMet: (span, wanted) => {
      const nano = durationNano(span);
      return nano !== undefined && nano >= wanted;
    },
  },
  maxDurationNano: {
    name: "max_duration",
    isMet: (span, wanted) => {
      const nano = durationNano(span);
      return nano !== undefined && nano <= wanted;
    },
  },
};

/** The fields of a filter of log records. */
export const logFields: FilterFields<LogRecord, LogFilter> = {
  ...commonFields<LogRecord>(itemTimes.logs, logTexts),
  traceId: traceIdField<LogRecord>(),
  minSeverity: {
    name: "min_severity",
    isMet: ({ severityNumber }, wanted) => severityNumber >= wanted,
  },
  bodyContains: {
    name: "body_contains",
    isMet: ({ body }, wanted) => body !== undefined && attributeText(body).includes(wanted),
  },
};

/** The fields of a filter of data points. */
export const metricFields: FilterFields<MetricPoint, MetricFilter> = {
  ...commonFields<MetricPoint>(itemTimes.metrics, metricTexts),
  ...nameFields<MetricPoint>(),
  type: {
    name: "type",
    isMet: ({ type }, wanted) => type === wanted,
  },
};

function commonFields<Item extends Span | LogRecord | MetricPoint>(
  unixNano: (item: Item) => bigint,
  texts: (item: Item) => TextPlaces,
): FilterFields<Item, CommonFilter> {
  return {
    service: {
      name: "service",
      isMet: ({ service }, wanted) => service === wanted,
    },
    sinceUnixNano: {
      name: "since",
      isMet: (item, wanted) => isKnownTime(unixNano(item)) && unixNano(item) >= wanted,
    },
    untilUnixNano: {
      name: "until",
      isMet: (item, wanted) => isKnownTime(unixNano(item)) && unixNano(item) < wanted,
    },
    attributes: {
      name: "attributes",
      isMet: hasAttributes,
      parts: (wanted) =>
        Array.from(wanted, ([key, text]) => ({
          name: `attributes[${JSON.stringify(shortened(key))}]`,
          wanted: new Map([[key, text]]),
        })),
    },
    textContains: {
      name: "text_contains",
      isMet: (item, wanted) => itemContainsText(item, texts(item), wanted),
    },
    where: {
      name: "where",
      isMet: (item, wanted) => wanted(item),
    },
  };
}

function nameFields<Item extends { readonly name: string }>() {
  return {
    name: {
      name: "name",
      isMet: (item: Item, wanted: string) => item.name === wanted,
    },
    nameContains: {
      name: "name_contains",
      isMet: (item: Item, wanted: string) => containsText(item.name, wanted),
    },
  };
}

function traceIdField<Item extends { readonly traceId: string }>() {
  return {
    name: "trace_id",
    isMet: (item: Item, wanted: TraceId) => item.traceId === wanted,
  };
}

/**
 * A span that ends before it starts has a duration of 0, as in the index of the store. Undefined when one of the
 * two is not known.
 */
export function durationNano({
  startUnixNano,
  endUnixNano,
}: Pick<Span, "startUnixNano" | "endUnixNano">): bigint | undefined {
  if (!isKnownTime(startUnixNano) || !isKnownTime(endUnixNano)) {
    return undefined;
  }
  return endUnixNano > startUnixNano ? endUnixNano - startUnixNano : 0n;
}

/** An error goes out in a header. */
function shortened(key: string): string {
  return key.length > 64 ? `${key.slice(0, 64)}...` : key;
}
