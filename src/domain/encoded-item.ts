/** One item in the encoding it came in, with what it shares with its neighbours. */
export interface EncodedItem {
  /** Position in the stream of its signal; see `TelemetryStore`. */
  readonly ordinal: number;
  /** The Span, LogRecord, data point or Profile message, as it was sent. */
  readonly item: Uint8Array;
  /** The Resource message; empty when the request has none. */
  readonly resource: Uint8Array;
  /** The InstrumentationScope message; empty when the request has none. */
  readonly scope: Uint8Array;
  /** Metrics alone: the Metric message without its data points (the oneof `data` is set, its points are not). */
  readonly metric?: Uint8Array;
}
