/*
 * Decoded telemetry, in OTLP's own words. Times are nanoseconds since the Unix epoch, ids are lower-case hex,
 * enums are OTLP's numbers.
 */

/** OTLP's STATUS_CODE_ERROR. */
export const statusCodeError = 2;

/** An attribute value as JSON can hold it. `otlp/decode/any-value.ts` says how int64, bytes and NaN are shown. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

export type Attributes = { readonly [key: string]: AttributeValue };

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  /** The schema of the scope and of its items; "" when it has none. */
  readonly schemaUrl: string;
}

/** All that OTLP says of a resource beside its attributes. */
export interface ResourceDetails {
  /** "" when the resource has none. */
  readonly schemaUrl: string;
  readonly droppedAttributesCount: number;
  readonly entityRefs: readonly EntityRef[];
}

/** An entity whose attributes are among those of the resource. */
export interface EntityRef {
  readonly schemaUrl: string;
  readonly type: string;
  readonly idKeys: readonly string[];
  readonly descriptionKeys: readonly string[];
}

/** The fields that items of every signal have. */
export interface ItemContext {
  /** Position of the item among all items of its signal; see `TelemetryStore`. */
  readonly ordinal: number;
  /** The resource attribute `service.name`; "" when the resource has none. */
  readonly service: string;
  readonly resource: Attributes;
  readonly resourceDetails: ResourceDetails;
  readonly scope: Scope;
  /** Bytes of the item, its metric, scope and resource that were not decoded, because there are too many fields. */
  readonly omittedBytes: number;
}

export interface SpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

export interface Span extends ItemContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly status: { readonly code: number; readonly message: string };
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

/** A summary of all spans held of one trace. */
export interface TraceSummary {
  readonly traceId: string;
  /** The ordinal of the newest span that matched the search. */
  readonly ordinal: number;
  /** The name of the span without a parent, or of the first to start of several; "" when none is held. */
  readonly rootName: string;
  /** The name of the span that started first, when no root is held. */
  readonly firstSpanName?: string;
  /** The service of the root, or else of the span that started first. */
  readonly rootService: string;
  /** Service names, sorted, without "". */
  readonly services: readonly string[];
  /** The status message of the failed span that started last of those that have one. */
  readonly errorMessage?: string;
  readonly spanCount: number;
  readonly errorCount: number;
  /** The earliest start and the latest end; 0 when no span has one. */
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
}

export interface LogRecord extends ItemContext {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  /** Undefined when the record has no body. */
  readonly body: AttributeValue | undefined;
  readonly eventName: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
  readonly traceId: string;
  readonly spanId: string;
}

export interface Exemplar {
  readonly timeUnixNano: bigint;
  readonly value: number | bigint | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export interface Buckets {
  readonly offset: number;
  readonly bucketCounts: readonly bigint[];
}

/** The value of a data point. `none` stands for the flag NO_RECORDED_VALUE. */
export type PointValue =
  | { readonly kind: "none" }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "double"; readonly value: number }
  | {
      readonly kind: "histogram";
      readonly count: bigint;
      readonly sum: number | undefined;
      readonly min: number | undefined;
      readonly max: number | undefined;
      readonly bounds: readonly number[];
      readonly bucketCounts: readonly bigint[];
    }
  | {
      readonly kind: "exponential-histogram";
      readonly count: bigint;
      readonly sum: number | undefined;
      readonly min: number | undefined;
      readonly max: number | undefined;
      readonly scale: number;
      readonly zeroCount: bigint;
      readonly zeroThreshold: number;
      readonly positive: Buckets;
      readonly negative: Buckets;
    }
  | {
      readonly kind: "summary";
      readonly count: bigint;
      readonly sum: number;
      readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
    };

export const metricTypes = ["gauge", "sum", "histogram", "exponential-histogram", "summary"] as const;
export type MetricType = (typeof metricTypes)[number];

export interface MetricPoint extends ItemContext {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: MetricType;
  readonly temporality: number;
  readonly monotonic: boolean;
  /** Attributes of the metric itself. They do not tell its series apart. */
  readonly metadata: Attributes;
  readonly startUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly attributes: Attributes;
  readonly flags: number;
  readonly value: PointValue;
  readonly exemplars: readonly Exemplar[];
}
