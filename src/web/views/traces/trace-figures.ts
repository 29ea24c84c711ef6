import type { TraceSummaryJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { parseDuration, parseSeconds, parseTime } from "../../format/time.ts";
import { conditionsOf } from "../../state/filters.ts";

/** When a trace began and how long it took, in nanoseconds. */
export interface TraceFigures {
  readonly start: bigint | undefined;
  readonly duration: bigint | undefined;
}

/** Reading times costs more than drawing them, and rows stay the same objects as long as they are shown. */
const known = new WeakMap<TraceSummaryJson, TraceFigures>();

export function figuresOf(trace: TraceSummaryJson): TraceFigures {
  let figures = known.get(trace);
  if (figures === undefined) {
    figures = { start: parseTime(trace.startTime), duration: parseSeconds(trace.duration) };
    known.set(trace, figures);
  }
  return figures;
}

/** The orders of the list, as the address has them, with their words. The server knows the first one alone. */
export const sorts = {
  newest: "newest",
  slowest: "slowest",
  spans: "most spans",
  errors: "most errors",
} as const;

export type Sort = keyof typeof sorts;

export function sortOf(text: string | undefined): Sort {
  return text !== undefined && Object.hasOwn(sorts, text) ? (text as Sort) : "newest";
}

/** The fields of which a list of traces can say that they mean the whole trace. */
const rangeParams = ["since", "until", "min", "max"];

/**
 * The rows that a list shows, in its order. A filter means spans. Where it has only times and durations the list means
 * those of the trace, so that a range of the scatter holds what was in it.
 * @param traces the newest last
 */
export function listedTraces(
  traces: readonly TraceSummaryJson[],
  params: Readonly<Record<string, string>>,
  sort: Sort,
): readonly TraceSummaryJson[] {
  const listed = traces.toReversed().filter(inRange(params));
  return sort === "newest" ? listed : listed.sort(comparing[sort]);
}

/** Traces that may have changed since, in the order that they had; those that are new come last. */
export function inOrderOf(
  before: readonly TraceSummaryJson[],
  traces: readonly TraceSummaryJson[],
): readonly TraceSummaryJson[] {
  const now = new Map(traces.map((trace) => [trace.traceId, trace]));
  const kept = before.flatMap(({ traceId }) => {
    const trace = now.get(traceId);
    now.delete(traceId);
    return trace ?? [];
  });
  return [...kept, ...now.values()];
}

function inRange(params: Readonly<Record<string, string>>): (trace: TraceSummaryJson) => boolean {
  if (!isRange(params)) return () => true;
  const since = parseTime(params.since);
  const max = parseDuration(params.max ?? "");
  return (trace) => {
    const { start, duration } = figuresOf(trace);
    return (
      (since === undefined || start === undefined || start >= since) &&
      (max === undefined || duration === undefined || duration <= max)
    );
  };
}

/** Whether all that a span must have is a range of time or of durations. */
export function isRange(params: Readonly<Record<string, string>>): boolean {
  return conditionsOf("spans", params).every(
    ({ field, excluded }) => excluded || rangeParams.includes(field.param),
  );
}

/** Of traces that are alike in it the newest first. */
const comparing = {
  slowest: bySlowest,
  spans: (one: TraceSummaryJson, other: TraceSummaryJson) => (other.spanCount ?? 0) - (one.spanCount ?? 0),
  errors: (one: TraceSummaryJson, other: TraceSummaryJson) => (other.errorCount ?? 0) - (one.errorCount ?? 0),
};

function bySlowest(one: TraceSummaryJson, other: TraceSummaryJson): number {
  return Number((figuresOf(other).duration ?? -1n) - (figuresOf(one).duration ?? -1n));
}
