import { invalidArgument } from "../../../domain/errors.ts";
import type { MetricFunction } from "../../../domain/metric-function.ts";
import type { MetricPoint } from "../../../domain/telemetry.ts";

/** What data points must have in common to be told in one figure. */
export type MetricShape = Pick<MetricPoint, "type" | "unit" | "monotonic">;

/** What people call a metric of this shape, and the functions that fit it: the first one is the default. */
interface Fitting {
  readonly noun: string;
  readonly functions: readonly [MetricFunction, ...MetricFunction[]];
}

const histogram: Fitting = {
  noun: "a histogram",
  functions: ["p95", "p50", "p90", "p99", "avg", "count", "sum", "rate", "buckets"],
};

function fittingOf({ type, monotonic }: MetricShape): Fitting {
  switch (type) {
    case "gauge":
      return { noun: "a gauge", functions: ["value", "sum", "avg"] };
    case "sum":
      return monotonic
        ? { noun: "a counter", functions: ["rate", "increase"] }
        : { noun: "a sum that is not monotonic", functions: ["value", "sum", "avg"] };
    case "histogram":
    case "exponential-histogram":
      return histogram;
    case "summary":
      // A summary need not have a certain quantile, but it has a count and a sum.
      return { noun: "a summary", functions: ["avg", "p50", "p90", "p95", "p99", "count", "sum", "rate"] };
  }
}

export function shapeOf({ type, unit, monotonic }: MetricPoint): MetricShape {
  return { type, unit, monotonic };
}

export function hasShape(point: MetricPoint, shape: MetricShape): boolean {
  return point.type === shape.type && point.unit === shape.unit && point.monotonic === shape.monotonic;
}

/** @throws ObsvtyError invalid-argument that names a function which does not fit */
export function functionFor(shape: MetricShape, asked: MetricFunction | undefined): MetricFunction {
  const { noun, functions } = fittingOf(shape);
  if (asked === undefined) return functions[0];
  if (functions.includes(asked)) return asked;
  throw invalidArgument("function", `${asked} does not fit ${noun}; use one of ${functions.join(", ")}`);
}

/** Whether a function is told of the buckets of histograms. */
export function needsBuckets(asked: MetricFunction): boolean {
  return asked === "buckets" || quantileOf(asked) !== undefined;
}

/** The quantile that a function names, if it names one. */
export function quantileOf(asked: MetricFunction): number | undefined {
  return /^p\d+$/.test(asked) ? Number(asked.slice(1)) / 100 : undefined;
}
