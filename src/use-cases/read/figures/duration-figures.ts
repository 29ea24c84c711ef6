import type { DurationSketch } from "./duration-sketch.ts";

/** Percentiles within 2 %, and the longest exactly, in nanoseconds. */
export interface DurationFigures {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

const fractions = [0.5, 0.9, 0.95, 0.99] as const;

/** Undefined when there are no durations. */
export function durationFigures(sketch: DurationSketch): DurationFigures | undefined {
  if (sketch.count === 0) return undefined;
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0] = sketch.percentiles(fractions);
  return { p50, p90, p95, p99, max: sketch.max };
}
