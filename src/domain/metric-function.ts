/** What can be told of a metric over time. */
export const metricFunctions = [
  "value",
  "rate",
  "increase",
  "count",
  "sum",
  "avg",
  "p50",
  "p90",
  "p95",
  "p99",
  "buckets",
] as const;

export type MetricFunction = (typeof metricFunctions)[number];
