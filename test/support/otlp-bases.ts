/** Fields that no answer shows, with the reason. */
export const notShown: Readonly<Record<string, string>> = {
  "AnyValue.string_value_strindex": "an index into the dictionary of profiles, which other signals have not",
  "KeyValue.key_strindex": "an index into the dictionary of profiles, which other signals have not",
};

const timeUnixNano = 1_795_000_000_000_000_000n;
const id = (length: number) => new Uint8Array(length).fill(1);
const point = { timeUnixNano, value: { case: "asInt", value: 1n } };
const span = { traceId: id(16), spanId: id(8) };

/** A request of one valid item, as bare as it can be. */
export interface OtlpBase {
  readonly signal: "traces" | "logs" | "metrics";
  /** Which member of `Metric.data` holds the item. */
  readonly data?: string;
  readonly request: object;
}

function metricsBase(data: string, dataPoint: object): OtlpBase {
  const metric = { data: { case: data, value: { dataPoints: [dataPoint] } } };
  const request = { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] };
  return { signal: "metrics", data, request };
}

export const otlpBases: readonly OtlpBase[] = [
  { signal: "traces", request: { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] } },
  { signal: "logs", request: { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] } },
  metricsBase("gauge", point),
  metricsBase("sum", point),
  metricsBase("histogram", { timeUnixNano, bucketCounts: [1n, 2n], explicitBounds: [1] }),
  metricsBase("exponentialHistogram", { timeUnixNano }),
  metricsBase("summary", { timeUnixNano }),
];

/** How items of a signal are searched. */
export const readBack = {
  traces: { method: "SearchSpans", list: "spans" },
  logs: { method: "SearchLogs", list: "logs" },
  metrics: { method: "SearchMetrics", list: "metrics" },
} as const;
