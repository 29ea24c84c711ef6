/*
 * Which charts the view of metrics shows is in the address: `name.0=http.server.duration&fn.0=p99&by.0=http.route` for
 * the first, and so on; `range`, `since` and `until` say what time all of them show.
 */

type Params = Readonly<Record<string, string>>;

export interface Chart {
  /** The metric's. */
  readonly name: string;
  /** Of QueryMetric; "" for the one that fits the metric best. */
  readonly fn: string;
  /** Keys of attributes, or `service`, with commas between; "" for a line for each series. */
  readonly by: string;
  /** "" for all services. */
  readonly service: string;
}

/** More would ask too much of the server twice a second, and nobody can look at them. */
export const maxCharts = 12;

const fields = ["name", "fn", "by", "service"] as const satisfies readonly (keyof Chart)[];

const paramOf = (field: keyof Chart, index: number) => `${field}.${index}`;

/** One of each metric, however often an address names it. */
export function chartsOf(params: Params): Chart[] {
  const all = Array.from({ length: maxCharts }, (_, index) => {
    const read = (field: keyof Chart) => params[paramOf(field, index)] ?? "";
    return { name: read("name"), fn: read("fn"), by: read("by"), service: read("service") };
  }).filter(({ name }) => name !== "");
  return all.filter(({ name }, index) => all.findIndex((chart) => chart.name === name) === index);
}

/** What to change in the parameters so that they hold these charts. */
export function chartChanges(charts: readonly Chart[]): Record<string, string> {
  const changes: Record<string, string> = {};
  for (let index = 0; index < maxCharts; index++) {
    for (const field of fields) changes[paramOf(field, index)] = charts[index]?.[field] ?? "";
  }
  return changes;
}

export const ranges: readonly (readonly [name: string, seconds: number])[] = [
  ["5 min", 300],
  ["15 min", 900],
  ["1 h", 3_600],
];

/** The times of a filter. A chosen window goes before a range that ends now. */
export function windowOf(params: Params, nowMs: number): { since?: string; until?: string } {
  const { since = "", until = "", range = "" } = params;
  if (since !== "" && until !== "") return { since, until };
  const seconds = ranges.find(([name]) => name === range)?.[1];
  return seconds === undefined ? {} : { since: new Date(nowMs - seconds * 1_000).toISOString() };
}

/** The parameters that choose a window. It is at least a millisecond long, which times of the address tell apart. */
export function windowBetween(fromMs: number, toMs: number): { since: string; until: string } {
  const from = Math.floor(fromMs);
  const to = Math.max(from + 1, Math.ceil(toMs));
  return { since: new Date(from).toISOString(), until: new Date(to).toISOString() };
}

const ofHistograms = ["p95", "p50", "p90", "p99", "avg", "count", "sum", "rate", "buckets"];
const functionsOf: Readonly<Record<string, readonly string[]>> = {
  gauge: ["value", "sum", "avg"],
  sum: ["value", "sum", "avg"],
  counter: ["rate", "increase"],
  histogram: ofHistograms,
  "exponential histogram": ofHistograms,
  summary: ["avg", "p50", "p90", "p95", "p99", "count", "sum", "rate"],
};

/** What can be asked of a metric, the best first, as QueryMetric has it. */
export function functionsFor(type: string, monotonic: boolean): readonly string[] {
  return functionsOf[type === "sum" && monotonic ? "counter" : type] ?? [];
}

/** `METRIC_TYPE_EXPONENTIAL_HISTOGRAM` in words. */
export function typeName(type: string | number | undefined): string {
  return String(type ?? "")
    .replace("METRIC_TYPE_", "")
    .toLowerCase()
    .replaceAll("_", " ");
}
