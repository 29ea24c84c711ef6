import type { AttributeValue } from "../domain/telemetry.ts";
import type { LogRecord, MetricPoint, MetricType, Severity, Span, SpanKind, StatusCode } from "./items.ts";

/** Milliseconds, or seconds as the API has them, such as "1.5s". */
export type Duration = number | `${number}s`;

/** A name of an enum without its prefix, in lower case: "server" for SPAN_KIND_SERVER. */
type Short<Name extends string, Prefix extends string> = Name extends `${Prefix}${infer Rest}`
  ? Lowercase<Rest>
  : never;

/** The fields that all filters have. All are optional; an item must meet each that is set. */
export interface CommonFilter<Item> {
  /** `service.name`, exactly; "" for items without one. */
  readonly service?: string | undefined;
  /**
   * Each on the item, on its scope or on its resource. A string equals any value that is printed so: "200" and 200 are
   * the same.
   */
  readonly attributes?: Readonly<Record<string, AttributeValue>> | undefined;
  /** The item's own time, at least: RFC 3339 or a Date. */
  readonly since?: string | Date | undefined;
  /** Before this time. */
  readonly until?: string | Date | undefined;
  /**
   * A text, in any case, that occurs in a name, in another text such as a log's body or a span's status message, or in
   * the key or the value of an attribute.
   */
  readonly textContains?: string | undefined;
  /** Anything else that must hold of the item. */
  readonly where?: ((item: Item) => boolean) | undefined;
}

/**
 * Which spans: the fields of the API's filter, and some that only a test can have.
 * @example
 * { service: "shop", name: /^GET /, kind: "server", statusCode: "error", minDuration: 10 }
 */
export interface SpanFilter extends CommonFilter<Span> {
  readonly name?: string | RegExp | undefined;
  /** A text that occurs in the name, in any case. */
  readonly nameContains?: string | undefined;
  readonly traceId?: string | undefined;
  readonly kind?: SpanKind | Short<SpanKind, "SPAN_KIND_"> | undefined;
  readonly statusCode?: StatusCode | Short<StatusCode, "STATUS_CODE_"> | undefined;
  readonly minDuration?: Duration | undefined;
  readonly maxDuration?: Duration | undefined;
}

/**
 * Which log records.
 * @example
 * { minSeverity: "error", bodyContains: "declined", attributes: { "cart.id": "c3" } }
 */
export interface LogFilter extends CommonFilter<LogRecord> {
  /** This severity or a worse one. */
  readonly minSeverity?: Severity | Short<Severity, "SEVERITY_NUMBER_"> | undefined;
  /** A text that occurs in the body. A structured body is looked at as its JSON text. */
  readonly bodyContains?: string | undefined;
  readonly traceId?: string | undefined;
}

/**
 * Which data points.
 * @example
 * { name: "shop.orders", type: "sum", value: 3, attributes: { paid: true } }
 */
export interface MetricFilter extends CommonFilter<MetricPoint> {
  /** The metric's name. */
  readonly name?: string | RegExp | undefined;
  /** A text that occurs in the metric's name, in any case. */
  readonly nameContains?: string | undefined;
  readonly type?: MetricType | Short<MetricType, "METRIC_TYPE_"> | undefined;
  /** The value of a sum or a gauge, integer or double. */
  readonly value?: number | bigint | undefined;
}

/** The filter of each kind of items. */
export interface Filters {
  readonly spans: SpanFilter;
  readonly logs: LogFilter;
  readonly metrics: MetricFilter;
}
