import { fromJson } from "@bufbuild/protobuf";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { parseDuration } from "./duration.ts";

const nanosPerSecond = 1_000_000_000n;

/** The fields of a `google.protobuf.Duration` or, counted from the epoch, a `Timestamp`. */
export type SecondsAndNanos = Pick<Duration | Timestamp, "seconds" | "nanos">;

export function toNanos({ seconds, nanos }: SecondsAndNanos): bigint {
  return seconds * nanosPerSecond + BigInt(nanos);
}

export function fromNanos(nanos: bigint): SecondsAndNanos {
  return { seconds: nanos / nanosPerSecond, nanos: Number(nanos % nanosPerSecond) };
}

/** A time in RFC 3339, or a duration before now; undefined when it is neither. */
export function parseTime(text: string, nowMs: number): SecondsAndNanos | undefined {
  const ago = parseDuration(text);
  if (ago !== undefined) {
    const time = BigInt(nowMs) * 1_000_000n - ago;
    return time < 0n ? undefined : fromNanos(time);
  }
  // RFC 3339, 5.6: lower case and a space for the T are fine too.
  const spelt = text.toUpperCase().replace(/^(\d{4}-\d\d-\d\d) /, "$1T");
  try {
    return isDay(spelt) ? fromJson(TimestampSchema, spelt) : undefined;
  } catch {
    return undefined;
  }
}

/** Date.parse takes February 30 for March 2. */
function isDay(time: string): boolean {
  const [year = 0, month = 0, day = 0] = time.slice(0, 10).split("-").map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** `HH:MM:SS.mmm` in the local time zone; as wide in spaces when there is no time. */
export function clockTime(time: Timestamp | undefined): string {
  if (time === undefined) {
    return " ".repeat(12);
  }
  const date = toDate(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2)).join(":");
  return `${clock}.${pad(date.getMilliseconds(), 3)}`;
}

/** `YYYY-MM-DD HH:MM:SS.mmm` in the local time zone. */
export function dateAndTime(time: Timestamp): string {
  const date = toDate(time);
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)} ${clockTime(time)}`;
}

function toDate(time: Timestamp): Date {
  return new Date(Number(time.seconds) * 1_000 + Math.floor(time.nanos / 1e6));
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
