import type { Timestamp } from "@bufbuild/protobuf/wkt";

/** `HH:MM:SS.mmm` in the local time zone; spaces of the same width when there is no time. */
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
