import type { Attributes, AttributeValue } from "../domain/telemetry.ts";

/*
 * Telemetry as obsvty's API shows it in JSON, with curl, `obsvty search --json` and here alike: times are RFC 3339
 * with nanoseconds, durations seconds such as "0.001500s", 64-bit integers strings, enums OTLP's names. A value of an
 * enum that obsvty does not know is its number.
 */

export type SpanKind =
  | "SPAN_KIND_UNSPECIFIED"
  | "SPAN_KIND_INTERNAL"
  | "SPAN_KIND_SERVER"
  | "SPAN_KIND_CLIENT"
  | "SPAN_KIND_PRODUCER"
  | "SPAN_KIND_CONSUMER";

export type StatusCode = "STATUS_CODE_UNSET" | "STATUS_CODE_OK" | "STATUS_CODE_ERROR";

type SeverityLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";
export type Severity =
  | "SEVERITY_NUMBER_UNSPECIFIED"
  | `SEVERITY_NUMBER_${SeverityLevel}${"" | "2" | "3" | "4"}`;

export type MetricType =
  | "METRIC_TYPE_GAUGE"
  | "METRIC_TYPE_SUM"
  | "METRIC_TYPE_HISTOGRAM"
  | "METRIC_TYPE_EXPONENTIAL_HISTOGRAM"
  | "METRIC_TYPE_SUMMARY";

export type Temporality =
  | "AGGREGATION_TEMPORALITY_UNSPECIFIED"
  | "AGGREGATION_TEMPORALITY_DELTA"
  | "AGGREGATION_TEMPORALITY_CUMULATIVE";

/** A double as JSON has it. */
export type Double = number | "NaN" | "Infinity" | "-Infinity";

/** The library, module or component that made the telemetry. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  /** Absent when empty, like the fields below when they are empty or 0. */
  readonly attributes?: Attributes;
  readonly droppedAttributesCount?: number;
  readonly schemaUrl?: string;
}

/** All that OTLP says of a resource beside its attributes. */
export interface ResourceDetails {
  readonly schemaUrl?: string;
  readonly droppedAttributesCount?: number;
  readonly entityRefs: readonly {
    readonly schemaUrl?: string;
    readonly type: string;
    readonly idKeys: readonly string[];
    readonly descriptionKeys: readonly string[];
  }[];
}

/** The fields that items of every kind have. */
export interface Item {
  readonly attributes: Attributes;
  /** The resource attribute `service.name`; "" when there is none. */
  readonly service: string;
  /** The resource's attributes. */
  readonly resource: Attributes;
  readonly scope: Scope;
  /** For the API: stands for all items that arrived up to this one. */
  readonly cursor: string;
  /** Absent when OTLP says nothing of the resource beside its attributes. */
  readonly resourceDetails?: ResourceDetails;
  /** Bytes that are not shown, because the item has too many fields to decode. Absent when 0. */
  readonly omittedBytes?: number;
}

/** A span. A time is absent when it was sent as 0. */
export interface Span extends Item {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** 16 hex digits; "" for a root span. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: SpanKind | number;
  /** RFC 3339 with nanoseconds, such as "2026-11-23T10:00:00.123456789Z". */
  readonly startTime?: string;
  readonly endTime?: string;
  /** Seconds from start to end, such as "0.001500s". Absent when one of the two is. */
  readonly duration?: string;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly status: { readonly code: StatusCode | number; readonly message: string };
  /** The W3C tracestate. Absent when empty, like the fields below when they are 0. */
  readonly traceState?: string;
  readonly flags?: number;
  readonly droppedAttributesCount?: number;
  readonly droppedEventsCount?: number;
  readonly droppedLinksCount?: number;
}

/** An event at one moment of a span, such as an exception. */
export interface SpanEvent {
  readonly time?: string;
  readonly name: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount?: number;
}

/** Another span that a span relates to. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
  readonly traceState?: string;
  readonly flags?: number;
  readonly droppedAttributesCount?: number;
}

/** A log record. A time is absent when it was sent as 0. */
export interface LogRecord extends Item {
  readonly time?: string;
  readonly observedTime?: string;
  readonly severity: Severity | number;
  /** The severity as the source spelt it. */
  readonly severityText: string;
  /** Absent when the record has none. */
  readonly body?: AttributeValue;
  readonly eventName: string;
  /** 32 hex digits; "" outside of any trace. */
  readonly traceId: string;
  /** 16 hex digits; "" outside of any span. */
  readonly spanId: string;
  readonly flags?: number;
  readonly droppedAttributesCount?: number;
}

/** A data point, with its metric. One of the values is there, none when nothing was recorded. */
export interface MetricPoint extends Item {
  /** The metric's name. */
  readonly name: string;
  readonly type: MetricType | number;
  readonly unit: string;
  readonly description: string;
  readonly temporality: Temporality | number;
  /** True for sums that never go down. */
  readonly monotonic: boolean;
  readonly startTime?: string;
  readonly time?: string;
  /** 64 bits, so a string. */
  readonly intValue?: string;
  readonly doubleValue?: Double;
  readonly histogram?: Histogram;
  readonly exponentialHistogram?: ExponentialHistogram;
  readonly summary?: Summary;
  readonly exemplars: readonly Exemplar[];
  readonly flags?: number;
  /** Attributes of the metric itself. Absent when empty. */
  readonly metadata?: Attributes;
}

/** A distribution over explicit buckets. Counts have 64 bits, so they are strings. */
export interface Histogram {
  readonly count: string;
  readonly sum?: Double;
  readonly min?: Double;
  readonly max?: Double;
  /** Upper bounds, inclusive. */
  readonly bounds: readonly Double[];
  /** One element more than bounds, or empty. */
  readonly bucketCounts: readonly string[];
}

/** A distribution over buckets whose bounds grow by a factor of 2^(2^-scale). */
export interface ExponentialHistogram {
  readonly count: string;
  readonly sum?: Double;
  readonly min?: Double;
  readonly max?: Double;
  readonly scale: number;
  readonly zeroCount: string;
  readonly zeroThreshold: Double;
  readonly positive: Buckets;
  readonly negative: Buckets;
}

/** Consecutive buckets on one side of zero. */
export interface Buckets {
  /** The index of the first bucket. */
  readonly offset: number;
  readonly bucketCounts: readonly string[];
}

/** Quantiles that the source computed. */
export interface Summary {
  readonly count: string;
  readonly sum: Double;
  readonly quantiles: readonly { readonly quantile: Double; readonly value: Double }[];
}

/** One measurement that went into a data point, with the span that made it. */
export interface Exemplar {
  readonly time?: string;
  readonly intValue?: string;
  readonly doubleValue?: Double;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

/** The items of each kind. */
export interface Items {
  readonly spans: Span;
  readonly logs: LogRecord;
  readonly metrics: MetricPoint;
}
