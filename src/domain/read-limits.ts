import { invalidArgument } from "./errors.ts";

/** An argument of the API: what callers know it by, and what it may be. */
interface Bounds {
  readonly name: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** A count is a whole number. Callers write a duration in seconds, such as "1.5s". */
  readonly is?: "duration";
}

/** The limits of reading, each by its name in the API. */
export const readLimits = {
  /** The bytes of an answer. The default is less than the 4 MiB that gRPC clients take. */
  maxBytes: { name: "max_bytes", default: 3 * 2 ** 20, min: 1, max: 64 * 2 ** 20 },
  /** The items of a search. */
  limit: { name: "limit", default: 100, min: 1, max: 10_000 },
  /** The services of a list. */
  services: { name: "limit", default: 1_000, min: 1, max: 10_000 },
  /** The points in time of a histogram. */
  buckets: { name: "buckets", default: 60, min: 1, max: 500 },
  /** The lines of a metric over time. */
  series: { name: "limit", default: 100, min: 1, max: 100 },
  /** The values of an attribute. */
  values: { name: "values", default: 10, min: 1, max: 100 },
  /** The items that are looked at for attributes. */
  lookedAt: { name: "max_items", default: 10_000, min: 1, max: 1_000_000 },
  minCount: { name: "min_count", default: 1, min: 1, max: 10_000 },
  timeoutMs: { name: "timeout", default: 30_000, min: 0, max: 3_600_000, is: "duration" },
} as const satisfies Record<string, Bounds>;

/**
 * An argument that a caller gave, or its default.
 * @throws ObsvtyError invalid-argument that names the argument and its limits
 */
export function withinLimits(argument: keyof typeof readLimits, value?: number): number {
  const { name, default: fallback, min, max, is }: Bounds = readLimits[argument];
  if (value === undefined) return fallback;
  if (value >= min && value <= max && (is === "duration" || Number.isInteger(value))) return value;
  const what =
    is === "duration" ? `from ${min / 1_000}s to ${max / 1_000}s` : `a whole number from ${min} to ${max}`;
  throw invalidArgument(name, `must be ${what}`);
}
