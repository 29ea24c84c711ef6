import type { TraceSummaryJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { dateForm, listTime, tickTimes } from "../../format/dates.ts";
import { apiTime, shortDuration, type Zone } from "../../format/time.ts";
import { countOf, numberText } from "../../format/value.ts";
import { usualTimes } from "../../state/usual-times.ts";
import { figuresOf } from "./trace-figures.ts";

/*
 * Where traces are in a plot of duration over time. Positions are doubles; times that leave the plot are computed from
 * the exact time at its left edge.
 */

export interface ScatterPoint {
  readonly trace: TraceSummaryJson;
  /** From the left and from the top, 0 to 1. */
  readonly x: number;
  readonly y: number;
  readonly failed: boolean;
}

export interface Tick {
  /** 0 to 1, from the left or from the top. */
  readonly at: number;
  readonly label: string;
}

export interface ScatterPlan {
  readonly points: readonly ScatterPoint[];
  /** The time at the left edge and from there to the right edge, in nanoseconds. */
  readonly from: bigint;
  readonly span: bigint;
  /** How many traces lie before the left edge, and after the right one. */
  readonly earlier: number;
  readonly later: number;
  /** Powers of ten of nanoseconds at the lower and at the upper edge. */
  readonly low: number;
  readonly high: number;
}

/** Steps of time that are easy to read, in nanoseconds. */
const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3,
]
  .concat([1.8e6, 3.6e6, 7.2e6, 10.8e6, 21.6e6, 43.2e6, 86.4e6])
  .map((millis) => BigInt(millis) * 1_000_000n);

/** The shortest step of which no more than `most` reach over a span of time. */
function stepFor(span: bigint, most: bigint): bigint {
  const last = steps.at(-1) ?? 1n;
  return steps.find((step) => span <= step * most) ?? last * (span / (last * most) + 1n);
}

/**
 * Edges of time are multiples of a step, and those of durations powers of ten, so that a live plot moves seldom and by
 * whole steps. Traces without a start or a duration are left out, and a few that are far from all others are outside.
 * @returns undefined when there is nothing to show
 */
export function scatterPlan(
  traces: readonly TraceSummaryJson[],
  nowMs = Date.now(),
): ScatterPlan | undefined {
  const timed = traces.flatMap((trace) => {
    const { start, duration } = figuresOf(trace);
    if (start === undefined || duration === undefined) return [];
    return { trace, start, nanos: Math.max(1, Number(duration)) };
  });
  if (timed.length === 0) return undefined;
  const starts = timed.map(({ start }) => start).sort(order);
  const usual = usualTimes(starts, BigInt(nowMs) * 1_000_000n);
  const [first = 0n, last = 0n] = [starts[usual.first], starts[usual.last]];
  const inside = timed.filter(({ start }) => start >= first && start <= last);
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 1;
  for (const { nanos } of inside) {
    shortest = Math.min(shortest, nanos);
    longest = Math.max(longest, nanos);
  }
  const step = stepFor(last - first, 20n);
  // A mark that is at an edge would be cut in half.
  const clear = step / 4n;
  let from = first - (first % step);
  if (first - from < clear) from -= step;
  let to = last - (last % step) + step;
  if (to - last < clear) to += step;
  const span = to - from;
  const low = Math.floor(Math.log10(shortest));
  const high = Math.max(low + 1, Math.ceil(Math.log10(longest) + 0.1));
  const points = inside.map(({ trace, start, nanos }): ScatterPoint => {
    return {
      trace,
      x: Number(start - from) / Number(span),
      y: 1 - (Math.log10(nanos) - low) / (high - low),
      failed: (trace.errorCount ?? 0) > 0,
    };
  });
  return { points, from, span, earlier: usual.first, later: starts.length - 1 - usual.last, low, high };
}

/** @param most ticks, at most */
export function timeTicks(
  { from, span }: ScatterPlan,
  zone: Zone,
  most: number,
  nowMs = Date.now(),
): readonly Tick[] {
  const step = stepFor(span, BigInt(Math.max(1, most)));
  const times: bigint[] = [];
  for (let time = from - (from % step) + step; time < from + span; time += step) times.push(time);
  const labels = tickTimes(times, step, zone, nowMs);
  // At the right edge, half a label would reach out of the window, and the page would scroll sideways.
  const last = 1 - 0.5 / Math.max(1, most);
  return times
    .map((time, at) => ({ at: Number(time - from) / Number(span), label: labels[at] ?? "" }))
    .filter(({ at }) => at <= last);
}

export function durationTicks({ low, high }: ScatterPlan): readonly Tick[] {
  const every = high - low > 4 ? 2 : 1;
  const ticks: Tick[] = [];
  for (let power = low; power <= high; power += every) {
    // 100 s, not 1.67 min.
    const label = power < 9 ? shortDuration(BigInt(10 ** power)) : `${10 ** (power - 9)} s`;
    ticks.push({ at: 1 - (power - low) / (high - low), label });
  }
  return ticks;
}

/** The point that is nearest, within so many pixels. */
export function pointAt(
  { points }: ScatterPlan,
  at: { readonly x: number; readonly y: number },
  size: { readonly width: number; readonly height: number },
  withinPx: number,
): ScatterPoint | undefined {
  let best: ScatterPoint | undefined;
  let bestPx = withinPx;
  for (const point of points) {
    const px = Math.hypot((point.x - at.x) * size.width, (point.y - at.y) * size.height);
    // Of points that lie on each other the one that is drawn last.
    if (px <= bestPx) {
      best = point;
      bestPx = px;
    }
  }
  return best;
}

/** A part of the plot, 0 to 1 from the left and from the top. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The parameters of the address for a part of the plot. An edge that is that of the plot sets no bound, unless traces lie beyond. */
export function areaParams(plan: ScatterPlan, { left, right, top, bottom }: Area): Record<string, string> {
  const { from, span, earlier, later, low, high } = plan;
  const timeAt = (x: number) => apiTime(from + BigInt(Math.round(x * Number(span))));
  const nanosAt = (y: number) => 10 ** (low + (1 - y) * (high - low));
  return {
    since: left <= 0 && earlier === 0 ? "" : timeAt(left),
    until: right >= 1 && later === 0 ? "" : timeAt(right),
    min: bottom >= 1 ? "" : roundedDuration(nanosAt(bottom), Math.floor),
    max: top <= 0 ? "" : roundedDuration(nanosAt(top), Math.ceil),
  };
}

/** The parameters of the address for what lies outside of the plot. */
export function outsideParams(
  { from, span }: ScatterPlan,
  side: "earlier" | "later",
): Record<string, string> {
  return side === "earlier"
    ? { since: "", until: apiTime(from) }
    : { since: apiTime(from + span), until: "" };
}

/** To two figures, away from what lies within. */
function roundedDuration(nanos: number, round: (value: number) => number): string {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(nanos)) - 1);
  return shortDuration(BigInt(Math.max(1, round(nanos / unit) * unit)));
}

/** What the plot shows, in words. */
export function scatterText({ points, earlier, later }: ScatterPlan, zone: Zone, nowMs = Date.now()): string {
  const figures = points.map(({ trace }) => figuresOf(trace));
  const starts = figures.map(({ start = 0n }) => start).sort(order);
  const durations = figures.map(({ duration = 0n }) => duration).sort(order);
  const [first = 0n, last = 0n] = [starts[0], starts.at(-1)];
  const [shortest = 0n, longest = 0n] = [durations[0], durations.at(-1)];
  const median = durations[Math.floor(durations.length / 2)] ?? 0n;
  const failed = points.filter((point) => point.failed).length;
  const dates = dateForm(first, last, zone, nowMs);
  const outside =
    earlier + later > 0
      ? `${numberText(earlier)} earlier and ${numberText(later)} later ones lie outside. `
      : "";
  return (
    `${countOf(points.length, "trace")} from ${listTime(first, zone, dates)} to ${listTime(last, zone, dates)}, ` +
    `durations from ${shortDuration(shortest)} to ${shortDuration(longest)}, half of them over ${shortDuration(median)}, ` +
    `${numberText(failed)} with errors. ${outside}The list has the same traces; the filter takes times and durations.`
  );
}

function order(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}
