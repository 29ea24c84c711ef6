import type { TraceId } from "./ids.ts";
import type { Signal } from "./signal.ts";
import type { LogRecord, MetricPoint, MetricType, Span } from "./telemetry.ts";

/** Whether an item meets a filter cannot be told, because the item is too large. */
export class UndecidedFilter extends Error {}

/** All fields are optional; an item must meet every one that is set. */
export interface CommonFilter {
  /** `service.name` of the resource; "" means none. */
  readonly service?: string;
  /**
   * The item's own time, inclusive: a span's start, a log's time or else its observed time, a point's time. An item
   * whose time is not known meets neither bound.
   */
  readonly sinceUnixNano?: bigint;
  /** The bound is exclusive, so that adjacent windows share no item. */
  readonly untilUnixNano?: bigint;
  /** Each on the item, its scope or its resource, compared as text: see `attributeText`. */
  readonly attributes?: ReadonlyMap<string, string>;
  /** A text that occurs in a name, another text, an attribute key or an attribute value, whatever its case. */
  readonly textContains?: string;
  /**
   * Anything else that must hold of an item: an expression that has been compiled. It throws `UndecidedFilter` when it
   * cannot tell, since the item is too large.
   */
  readonly where?: (item: Span | LogRecord | MetricPoint) => boolean;
}

export interface SpanFilter extends CommonFilter {
  readonly name?: string;
  /** A text that occurs in the name, whatever its case. */
  readonly nameContains?: string;
  readonly traceId?: TraceId;
  /** Spans of any of these traces. No caller of the API asks for it: a search of traces does, for the traces that it found. */
  readonly traceIds?: ReadonlySet<string>;
  /** OTLP's SpanKind. */
  readonly kind?: number;
  /** OTLP's Status.StatusCode. */
  readonly statusCode?: number;
  /**
   * The bounds of a span's end less its start. A span that ends before it starts has a duration of 0. A span without a
   * start or an end has none, and meets neither bound.
   */
  readonly minDurationNano?: bigint;
  readonly maxDurationNano?: bigint;
}

/** How many filters may leave traces out of an answer: each may be looked for in all the spans that are held. */
export const maxWithout = 32;

export interface LogFilter extends CommonFilter {
  /** OTLP's SeverityNumber, at least. Numbers of an int32 are compared, so that -1 is less than 0. */
  readonly minSeverity?: number;
  /** A text that occurs in a string body, or in the JSON text of a structured one. */
  readonly bodyContains?: string;
  readonly traceId?: TraceId;
}

export interface MetricFilter extends CommonFilter {
  /** The name of the metric. */
  readonly name?: string;
  /** A text that occurs in the name of the metric, whatever its case. */
  readonly nameContains?: string;
  readonly type?: MetricType;
}

/** The filter of the items of each signal: of one that is not named here, the fields that all have. */
export interface FilterBySignal extends Readonly<Record<Signal, CommonFilter>> {
  readonly traces: SpanFilter;
  readonly logs: LogFilter;
  readonly metrics: MetricFilter;
}

/** The fields of all filters: what an index may have to understand. */
export type AnyFilter = SpanFilter & LogFilter & MetricFilter;
