import type { CountOverTimeResponseJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { apiTime, parseSeconds, parseTime } from "../../format/time.ts";

/** The severities of the data model for logs, the worst last; each has four numbers, and a record may have none. */
export const levels = ["unspecified", "trace", "debug", "info", "warn", "error", "fatal"] as const;

export type Level = (typeof levels)[number];

export interface Histogram {
  /** When the first bar begins, in nanoseconds since the epoch, and how long each is. */
  readonly start: bigint;
  readonly step: bigint;
  /** For each bar how many records of each severity, as in `levels`. */
  readonly bars: readonly (readonly number[])[];
  /** Of all bars, also of records without a time. */
  readonly totals: readonly number[];
  /** The most records in one bar. */
  readonly highest: number;
}

/** @param answer counted by severity @returns undefined when no record has a time */
export function histogramOf(answer: CountOverTimeResponseJson): Histogram | undefined {
  const start = parseTime(answer.startTime);
  const step = parseSeconds(answer.step);
  if (start === undefined || step === undefined || step <= 0n) return undefined;
  const bars = Array.from({ length: answer.buckets ?? 0 }, () => levels.map(() => 0));
  const totals = levels.map(() => 0);
  for (const { group = {}, count = 0, counts = [] } of answer.groups ?? []) {
    const level = levels.indexOf(levelOf(group.severity));
    totals[level] = (totals[level] ?? 0) + count;
    for (const [index, records] of counts.entries()) {
      const bar = bars[index];
      if (bar !== undefined) bar[level] = (bar[level] ?? 0) + records;
    }
  }
  const highest = bars.reduce((most, bar) => Math.max(most, sum(bar)), 0);
  return { start, step, bars, totals, highest };
}

/** `SEVERITY_NUMBER_WARN2` is a warning. */
function levelOf(severity: string | undefined): Level {
  const name = /^SEVERITY_NUMBER_([A-Z]+)/.exec(severity ?? "")?.[1]?.toLowerCase();
  return levels.find((level) => level === name) ?? "unspecified";
}

export function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

/**
 * The times of the bars between two places, both included, as the API takes them.
 * @param from, to shares of the width, from 0 to 1, in any order
 */
export function timesBetween(
  { start, step, bars }: Histogram,
  from: number,
  to: number,
): { readonly since: string; readonly until: string } {
  const index = (share: number) => Math.max(0, Math.min(bars.length - 1, Math.floor(share * bars.length)));
  const first = index(Math.min(from, to));
  const last = index(Math.max(from, to));
  return {
    since: shortApiTime(start + BigInt(first) * step),
    until: shortApiTime(start + BigInt(last + 1) * step),
  };
}

/** The parameters of the address for what lies outside of the axis. */
export function outsideTimes({ start, step, bars }: Histogram, side: "earlier" | "later") {
  return side === "earlier"
    ? { since: "", until: shortApiTime(start) }
    : { since: shortApiTime(start + BigInt(bars.length) * step), until: "" };
}

/** Without zeros at its end, since people see it in the filter. */
function shortApiTime(nanos: bigint): string {
  return apiTime(nanos).replace(/\.?0+Z$/, "Z");
}
