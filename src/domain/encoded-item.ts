/** One item in the encoding in which it arrived, with its resource, scope and metric. */
export interface EncodedItem {
  /** Position of the item among all items of its signal; see `TelemetryStore`. */
  readonly ordinal: number;
  /** The Span, LogRecord, data point or Profile message, as it was sent. */
  readonly item: Uint8Array;
  /** The Resource message; empty when the request has none. */
  readonly resource: Uint8Array;
  /** The schema URL of the resource; "" when it has none. */
  readonly resourceSchemaUrl: string;
  /** The InstrumentationScope message; empty when the request has none. */
  readonly scope: Uint8Array;
  /** The schema URL of the scope and its items; "" when they have none. */
  readonly scopeSchemaUrl: string;
  /** The Metric message without data points, for metrics only. The oneof `data` is set, but has no points. */
  readonly metric?: Uint8Array;
}

/** The bytes of its messages together. */
export function byteLengthOf({ item, resource, scope, metric }: EncodedItem): number {
  return item.byteLength + resource.byteLength + scope.byteLength + (metric?.byteLength ?? 0);
}
