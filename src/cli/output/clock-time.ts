import type { SecondsAndNanos } from "../api/proto-time.ts";
import type { Piece, View } from "./line.ts";

/**
 * `HH:MM:SS.mmm` in the local time zone, or with more digits, with the date before it when that is not today. Spaces
 * when the time is not known.
 */
export function timePiece(time: SecondsAndNanos | undefined, { nowMs }: View, digits = 3): Piece {
  const isToday = time === undefined || dateOf(toDate(time)) === dateOf(new Date(nowMs));
  return { text: isToday ? clockTime(time, digits) : dateAndTime(time, digits), style: "dim" };
}

/** `YYYY-MM-DD HH:MM:SS.mmm` in the local time zone, or with more digits. */
export function dateAndTime(time: SecondsAndNanos, digits = 3): string {
  return `${dateOf(toDate(time))} ${clockTime(time, digits)}`;
}

function clockTime(time: SecondsAndNanos | undefined, digits: number): string {
  if (time === undefined) {
    return " ".repeat("HH:MM:SS.".length + digits);
  }
  const date = toDate(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2)).join(":");
  return `${clock}.${pad(time.nanos, 9).slice(0, digits)}`;
}

function dateOf(date: Date): string {
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
}

function toDate(time: SecondsAndNanos): Date {
  return new Date(Number(time.seconds) * 1_000 + Math.floor(time.nanos / 1e6));
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
