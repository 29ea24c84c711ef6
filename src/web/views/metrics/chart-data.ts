import type {
  BucketJson,
  MetricSeriesJson,
  QueryMetricResponseJson,
} from "../../../../gen/obsvty/v1/query_pb.ts";
import { parseSeconds, parseTime } from "../../format/time.ts";
import { gapFrom, usualDistance } from "./usual-distance.ts";

export interface Line {
  /** Names it among the lines of a metric, whose order changes with their values. */
  readonly key: string;
  /** What its series have in common, in one line of text. */
  readonly label: string;
  /** By step; null in a gap and where the value cannot be drawn, undefined where the line goes on to the next value. */
  readonly values: readonly (number | null | undefined)[];
  readonly newest: number | undefined;
  readonly least: number | undefined;
  readonly most: number | undefined;
  /** Which measurements it counts, where it counts those of a bucket. An infinity where that has no end. */
  readonly bucket?: { readonly low: number; readonly high: number };
}

/** A measurement that leads to the trace in which it was taken. */
export interface Mark {
  /** Seconds since the epoch. */
  readonly x: number;
  readonly y: number;
  readonly line: number;
  readonly traceId: string;
  readonly spanId: string;
}

export interface ChartData {
  /** Seconds since the epoch at which each step begins. A double: its microseconds suffice to draw. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
  /** At so many steps the value of a line is not drawn, because it is no number, infinite or too large. */
  readonly notDrawn: number;
}

export const noData: ChartData = { times: [], lines: [], marks: [], notDrawn: 0 };

/** Of larger values the distance may be no double. */
const largestDrawn = 1e300;

/** So many marks can be told apart. */
const maxMarks = 60;

const toSeconds = (nanos: bigint) => Number(nanos / 1_000n) / 1e6;

/** What QueryMetric answers, laid out by steps, so that a step without a value is a gap. */
export function chartData(
  { startTime, step, steps = 0, series = [] }: QueryMetricResponseJson,
  valueText: (value: number) => string = String,
): ChartData {
  const start = parseTime(startTime);
  const length = parseSeconds(step);
  if (start === undefined || length === undefined || length <= 0n) return noData;
  const times = Array.from({ length: steps }, (_, i) => toSeconds(start + BigInt(i) * length));
  const marks: Mark[] = [];
  const labels = bucketLabels(series, valueText);
  let notDrawn = 0;
  const lines = series.map(({ group = {}, points = [], bucket }, line): Line => {
    const values: (number | undefined)[] = new Array(steps).fill(undefined);
    for (const { time, value = 0, exemplars = [] } of points) {
      const at = parseTime(time);
      const index = at === undefined ? -1 : Number((at - start) / length);
      if (index < 0 || index >= steps) continue;
      values[index] = Number(value);
      for (const { time: taken, intValue, doubleValue, traceId = "", spanId = "" } of exemplars) {
        const when = parseTime(taken);
        const y = Number(doubleValue ?? intValue ?? 0);
        if (traceId === "" || when === undefined || Number.isNaN(y)) continue;
        marks.push({ x: toSeconds(when), y, line, traceId, spanId });
      }
    }
    notDrawn += values.filter((value) => value !== undefined && !isDrawn(value)).length;
    return {
      ...lineOf(keyOf(series[line] ?? {}), labels[line] ?? labelOf(group), withGaps(values)),
      ...(bucket && { bucket: { low: Number(bucket.low ?? 0), high: Number(bucket.high ?? 0) } }),
    };
  });
  // Where a data point tells of some buckets, nothing was in the others.
  const told = times.map((_, step) => lines.some(({ values }) => typeof values[step] === "number"));
  const isDistribution = series.some(({ bucket }) => bucket !== undefined);
  const all = isDistribution ? lines.map((line) => withZeros(line, told)) : lines;
  // The largest tell most.
  const shown = marks.sort((one, other) => (one.y < other.y ? 1 : one.y > other.y ? -1 : 0));
  return { times, lines: all, marks: shown.slice(0, maxMarks), notDrawn };
}

/**
 * A sender tells a value each minute, say, where steps are of five seconds: that is no gap. One is where nothing came for
 * three times as long as usual.
 */
function withGaps(values: readonly (number | undefined)[]): (number | null | undefined)[] {
  const at = values.flatMap((value, step) => (value === undefined ? [] : [step]));
  const usual = usualDistance(at);
  const result: (number | null | undefined)[] = [...values];
  for (const [i, step] of at.entries()) {
    const before = at[i - 1] ?? step;
    if (step - before > gapFrom * usual) result.fill(null, before + 1, step);
  }
  return result;
}

function withZeros({ key, label, values, ...others }: Line, told: readonly boolean[]): Line {
  const counts = values.map((value, step) => (told[step] ? (value ?? 0) : value));
  return { ...others, ...lineOf(key, label, counts) };
}

function lineOf(key: string, label: string, values: Line["values"]): Line {
  const told = values.filter((value) => typeof value === "number");
  const known = told.filter(Number.isFinite);
  return {
    key,
    label,
    values: values.map((value) => (typeof value === "number" && !isDrawn(value) ? null : value)),
    newest: told.at(-1),
    least: known.length === 0 ? undefined : known.reduce((one, other) => Math.min(one, other)),
    most: known.length === 0 ? undefined : known.reduce((one, other) => Math.max(one, other)),
  };
}

function isDrawn(value: number): boolean {
  return Math.abs(value) <= largestDrawn;
}

function keyOf({ group = {}, bucket }: MetricSeriesJson): string {
  return JSON.stringify([Object.entries(group).sort(), bucket?.low, bucket?.high]);
}

/** Of lines that have buckets: which measurements those have. With more figures where some are alike in three. */
function bucketLabels(
  series: readonly MetricSeriesJson[],
  valueText: (value: number) => string,
): readonly (string | undefined)[] {
  const labelled = (text: (value: number) => string) =>
    series.map(({ bucket }) => (bucket === undefined ? undefined : bucketText(bucket, text)));
  const short = labelled(valueText);
  const known = short.filter((label) => label !== undefined);
  return new Set(known).size === known.length ? short : labelled(String);
}

/** Which measurements a bucket has. */
function bucketText({ low = 0, high = 0 }: BucketJson, text: (value: number) => string): string {
  const [from, to] = [Number(low), Number(high)];
  if (from === to) return text(from);
  if (from === Number.NEGATIVE_INFINITY) return `up to ${text(to)}`;
  return to === Number.POSITIVE_INFINITY ? `above ${text(from)}` : `${text(from)} to ${text(to)}`;
}

function labelOf(group: Readonly<Record<string, string>>): string {
  // The metric's name is over the chart.
  const { service, name: _, ...others } = group;
  const parts = Object.entries(others)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key.replace(/^attributes\./, "")}=${value}`);
  return [...(service === undefined ? [] : [service || "(no service)"]), ...parts].join(" ") || "all";
}
