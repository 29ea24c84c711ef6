/** What the command line asks for when it is not told. Help names these, and the requests carry them. */
export const flagDefaults = {
  limit: 100,
  minCount: 1,
  buckets: 60,
  values: 10,
  maxItems: 10_000,
  topGroupBy: "service,name",
  topInterval: "2s",
  waitTimeout: "30s",
  healthTimeout: "5s",
  replayTimeout: "1m",
  runWait: "2s",
} as const;

/** The most items or traces that one call may ask the server for. */
export const maxCount = 10_000;
