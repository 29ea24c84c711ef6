import { clockTime, parseTime, timeParts, type Zone } from "./time.ts";

/* Times with as much of their date as they need, to be told apart from those of other days. */

export type DateForm = "no-date" | "day" | "year";

/** For times that lie between two: no date when all are today. */
export function dateForm(first: bigint, last: bigint, zone: Zone, nowMs = Date.now()): DateForm {
  const today = timeParts(BigInt(nowMs) * 1_000_000n, zone).date;
  const dates = [timeParts(first, zone).date, timeParts(last, zone).date];
  if (dates.every((date) => date === today)) return "no-date";
  return dates.every((date) => date.slice(0, 4) === today.slice(0, 4)) ? "day" : "year";
}

/** For the rows of a list. @param times as the API writes them, in any order */
export function dateFormOf(times: Iterable<string | undefined>, zone: Zone, nowMs = Date.now()): DateForm {
  // In UTC and of one form, so that their texts are in the order of the times, but for those within one second.
  let first: string | undefined;
  let last: string | undefined;
  for (const time of times) {
    if (time === undefined) continue;
    if (first === undefined || time < first) first = time;
    if (last === undefined || time > last) last = time;
  }
  const [from, to] = [parseTime(first), parseTime(last)];
  return from === undefined || to === undefined ? "no-date" : dateForm(from, to, zone, nowMs);
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `27 Nov `, `27 Nov 2026 `, or nothing. */
function dateText(date: string, form: DateForm): string {
  const [year, month, day] = date.split("-");
  const text = `${day} ${months[Number(month) - 1]} `;
  return form === "no-date" ? "" : form === "day" ? text : `${text}${year} `;
}

/** To the millisecond, with its date where that is needed: `27 Nov 10:00:00.123`. */
export function listTime(nanos: bigint, zone: Zone, form: DateForm): string {
  return dateText(timeParts(nanos, zone).date, form) + clockTime(nanos, zone);
}

/** As `listTime`, of a time that stands alone. */
export function loneTime(nanos: bigint, zone: Zone, nowMs = Date.now()): string {
  return listTime(nanos, zone, dateForm(nanos, nanos, zone, nowMs));
}

const second = 1_000_000_000n;
const minute = 60n * second;
const wholeDay = 1_440n * minute;

/**
 * The labels of the ticks of an axis. The first of each day has its date, unless all are today.
 * @param times ascending @param step from one to the next, in nanoseconds
 */
export function tickTimes(
  times: readonly bigint[],
  step: bigint,
  zone: Zone,
  nowMs = Date.now(),
): readonly string[] {
  const form = dateForm(times[0] ?? 0n, times.at(-1) ?? 0n, zone, nowMs);
  const digits = step < second ? 12 : step < minute || form === "no-date" ? 8 : 5;
  let day = "";
  return times.map((time) => {
    const date = dateText(timeParts(time, zone).date, form);
    const isNewDay = date !== day;
    day = date;
    return step < wholeDay ? (isNewDay ? date : "") + clockTime(time, zone).slice(0, digits) : date.trim();
  });
}
