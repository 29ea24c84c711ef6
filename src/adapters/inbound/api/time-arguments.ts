import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { invalidArgument } from "../../../domain/errors.ts";

/* Times and durations of a request's fields, as nanoseconds. An unset field is undefined. */

const nanosPerSecond = 1_000_000_000;

/** @throws ObsvtyError invalid-argument that names the field when its nanos are out of range */
export function unixNano(time: Timestamp | undefined, field: string): bigint | undefined {
  if (time === undefined) {
    return undefined;
  }
  // timestamp.proto: nanos count forward, also before 1970. JSON cannot break this; binary can.
  if (time.nanos < 0 || time.nanos >= nanosPerSecond) {
    throw invalidArgument(field, "the nanos of a time go from 0 to 999,999,999");
  }
  return time.seconds * BigInt(nanosPerSecond) + BigInt(time.nanos);
}

/**
 * The rule of every way of reading: a window of time that ends before it begins is a mistake of the caller. One that
 * ends where it begins is empty.
 * @param since what the caller calls its beginning
 * @throws ObsvtyError invalid-argument that names the end
 */
export function checkWindow(
  since: string,
  sinceUnixNano: bigint | undefined,
  until: string,
  untilUnixNano: bigint | undefined,
): void {
  if (sinceUnixNano !== undefined && untilUnixNano !== undefined && untilUnixNano < sinceUnixNano) {
    throw invalidArgument(until, `must not be before ${since}`);
  }
}

/**
 * Milliseconds, rounded up, so that a wait never ends before its time.
 * @throws ObsvtyError invalid-argument that names the field when it is negative
 */
export function durationMs(duration: Duration | undefined, field: string): number | undefined {
  const nano = durationNano(duration, field);
  return nano === undefined ? undefined : Math.ceil(Number(nano) / 1e6);
}

/** @throws ObsvtyError invalid-argument that names the field when it is negative */
export function durationNano(duration: Duration | undefined, field: string): bigint | undefined {
  if (duration === undefined) {
    return undefined;
  }
  if (duration.seconds < 0n || duration.nanos < 0) {
    throw invalidArgument(field, "must not be negative");
  }
  if (duration.nanos >= nanosPerSecond) {
    throw invalidArgument(field, "the nanos of a duration go up to 999,999,999");
  }
  return duration.seconds * BigInt(nanosPerSecond) + BigInt(duration.nanos);
}
