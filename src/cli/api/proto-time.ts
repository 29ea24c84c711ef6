import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";

const nanosPerSecond = 1_000_000_000n;

/** The fields of a `google.protobuf.Duration` or, counted from the epoch, a `Timestamp`. */
export type SecondsAndNanos = Pick<Duration | Timestamp, "seconds" | "nanos">;

export function toNanos({ seconds, nanos }: SecondsAndNanos): bigint {
  return seconds * nanosPerSecond + BigInt(nanos);
}

export function fromNanos(nanos: bigint): SecondsAndNanos {
  return { seconds: nanos / nanosPerSecond, nanos: Number(nanos % nanosPerSecond) };
}
