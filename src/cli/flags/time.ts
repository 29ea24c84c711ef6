import { fromJson } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { fromNanos, type SecondsAndNanos } from "../api/proto-time.ts";
import { parseDuration } from "./duration.ts";

/** Examples of a time, for messages. */
export const timeExamples = "a time like 2026-11-23T10:00:00Z, or how long ago, like 5m";

/** A time in RFC 3339, or a duration before now; undefined when the text is neither. */
export function parseTime(text: string, nowMs: number): SecondsAndNanos | undefined {
  const ago = parseDuration(text);
  if (ago !== undefined) {
    const time = BigInt(nowMs) * 1_000_000n - ago;
    return time < 0n ? undefined : fromNanos(time);
  }
  // RFC 3339, 5.6 allows lower case, and a space in place of the T.
  const normalized = text.toUpperCase().replace(/^(\d{4}-\d\d-\d\d) /, "$1T");
  try {
    return isDay(normalized) ? fromJson(TimestampSchema, normalized) : undefined;
  } catch {
    return undefined;
  }
}

/** Date.parse reads February 30 as March 2. */
function isDay(time: string): boolean {
  const [year = 0, month = 0, day = 0] = time.slice(0, 10).split("-").map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
