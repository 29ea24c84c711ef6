import { readLimits } from "../../domain/read-limits.ts";

/** What the command line asks for when it is not told. Help names these, and the requests carry them. */
export const flagDefaults = {
  limit: readLimits.limit.default,
  minCount: readLimits.minCount.default,
  buckets: readLimits.buckets.default,
  values: readLimits.values.default,
  maxItems: readLimits.lookedAt.default,
  topGroupBy: "name,service",
  topSort: "count",
  topInterval: "2s",
  waitTimeout: `${readLimits.timeoutMs.default / 1_000}s`,
  healthTimeout: "5s",
  replayTimeout: "1m",
  runWait: "2s",
} as const;

/** The most items or traces that one call may ask the server for. */
export const maxCount = readLimits.limit.max;
