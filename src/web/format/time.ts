import { numberText } from "./value.ts";

/*
 * Times and durations as the API writes them, to the nanosecond. They are bigints, because a double holds only 53 bits
 * and a time since the epoch in nanoseconds has 61.
 */

const perSecond = 1_000_000_000n;

/** @param text such as `2026-11-23T10:00:00.123456789Z` @returns nanoseconds since the epoch */
export function parseTime(text: string | undefined): bigint | undefined {
  const [, seconds, fraction = ""] = /^(.{19})(?:\.(\d{1,9}))?Z$/.exec(text ?? "") ?? [];
  if (seconds === undefined) return undefined;
  const millis = Date.parse(`${seconds}Z`);
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** @param text such as `-0.001500s` @returns nanoseconds */
export function parseSeconds(text: string | undefined): bigint | undefined {
  const [, sign, seconds, fraction = ""] = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(text ?? "") ?? [];
  if (seconds === undefined) return undefined;
  const nanos = BigInt(seconds) * perSecond + BigInt(fraction.padEnd(9, "0"));
  return sign === "-" ? -nanos : nanos;
}

/** The form that `parseSeconds` reads, which the API takes in filters. */
export function secondsText(nanos: bigint): string {
  return `${nanos / perSecond}.${String(nanos % perSecond).padStart(9, "0")}s`;
}

const units: readonly (readonly [name: string, nanos: number])[] = [
  ["h", 3.6e12],
  ["min", 6e10],
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
  ["ns", 1],
];

/** Of google.protobuf.Duration: 10,000 years. */
const maxDuration = 315_576_000_000n * perSecond;

/** What a person types, such as `10ms` or `1.5 s`. @returns undefined when it is none */
export function parseDuration(text: string): bigint | undefined {
  const [, whole, fraction = "0", name] =
    /^\s*(\d{1,20})(?:\.(\d+))?\s*(ns|us|µs|ms|s|min|m|h)\s*$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const known = name === "us" ? "µs" : name === "m" ? "min" : name;
  const nanos = units.find(([unit]) => unit === known)?.[1] ?? 1;
  const value = BigInt(whole) * BigInt(nanos) + BigInt(Math.round(Number(`0.${fraction}`) * nanos));
  return value <= maxDuration ? value : undefined;
}

/** To three figures, such as `1.5 ms`. The exact duration is that of `exactDuration`. */
export function shortDuration(nanos: bigint): string {
  const value = Number(nanos);
  const size = Math.abs(value);
  // 999.6 us is shown as 1 ms, not as 1000 us.
  const [name, unit] = units.find(([, nanos]) => Number((size / nanos).toPrecision(3)) >= 1) ?? ["ns", 1];
  const shown = value / unit;
  return `${Math.abs(shown) >= 100 ? Math.round(shown) : Number(shown.toPrecision(3))} ${name}`;
}

/**
 * Durations in one unit, that of the longest, with as many digits as it takes to tell them apart; `0` for none.
 * @param nanos in ascending order
 */
export function durationsAlike(nanos: readonly number[]): readonly string[] {
  const longest = Math.max(...nanos);
  const [name, unit] = units.find(([, unit]) => longest >= unit) ?? ["ns", 1];
  const gaps = nanos.slice(1).map((each, before) => each - (nanos[before] ?? 0));
  const precision = (gaps.length > 0 ? Math.min(...gaps) : longest / 10) / 20;
  const texts = (digits: number) => nanos.map((each) => (each / unit).toFixed(digits));
  let digits = 0;
  while (
    digits < 12 &&
    texts(digits).some((text, i) => Math.abs(Number(text) * unit - (nanos[i] ?? 0)) > precision)
  )
    digits++;
  return texts(digits).map((text, i) => (nanos[i] === 0 ? "0" : `${text} ${name}`));
}

/** A duration as the API writes it, to three figures; a dash for none. */
export function shortSeconds(seconds: string | undefined): string {
  const nanos = parseSeconds(seconds);
  return nanos === undefined ? "–" : shortDuration(nanos);
}

/** All nanoseconds, in groups: `1,500,000 ns`. */
export function exactDuration(nanos: bigint): string {
  return `${numberText(nanos)} ns`;
}

export type Zone = "local" | "utc";

export interface TimeParts {
  /** `2026-11-23` */
  readonly date: string;
  /** `10:00:00` */
  readonly clock: string;
  /** The nine digits below the second. */
  readonly fraction: string;
}

export function timeParts(nanos: bigint, zone: Zone): TimeParts {
  // Rounded towards the past, also before 1970.
  const fraction = ((nanos % perSecond) + perSecond) % perSecond;
  const date = new Date(Number((nanos - fraction) / 1_000_000n));
  const two = (value: number) => String(value).padStart(2, "0");
  const [year, month, day, hour, minute, second] =
    zone === "utc"
      ? [
          date.getUTCFullYear(),
          date.getUTCMonth(),
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
        ]
      : [
          date.getFullYear(),
          date.getMonth(),
          date.getDate(),
          date.getHours(),
          date.getMinutes(),
          date.getSeconds(),
        ];
  return {
    date: `${String(year).padStart(4, "0")}-${two(month + 1)}-${two(day)}`,
    clock: `${two(hour)}:${two(minute)}:${two(second)}`,
    fraction: String(fraction).padStart(9, "0"),
  };
}

/** To the millisecond, of a day that is known. */
export function clockTime(nanos: bigint, zone: Zone): string {
  const { clock, fraction } = timeParts(nanos, zone);
  return `${clock}.${fraction.slice(0, 3)}`;
}

/** The whole time, to the nanosecond, and no other. */
export function exactTime(nanos: bigint, zone: Zone): string {
  const { date, clock, fraction } = timeParts(nanos, zone);
  return `${date} ${clock}.${fraction}${zone === "utc" ? " UTC" : offsetNearChange(nanos)}`;
}

/** Around a change of the zone's offset, where clocks show an hour twice, the offset that tells them apart. */
function offsetNearChange(nanos: bigint): string {
  const minutesAt = (hours: number) =>
    -new Date(Number(nanos / 1_000_000n) + hours * 3_600_000).getTimezoneOffset();
  if (minutesAt(-3) === minutesAt(3)) return "";
  const minutes = minutesAt(0);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return ` UTC${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/** As the API takes it, with nine digits below the second: the form that `parseTime` reads. */
export function apiTime(nanos: bigint): string {
  const { date, clock, fraction } = timeParts(nanos, "utc");
  return `${date}T${clock}.${fraction}Z`;
}

/** What a person types: `10:00`, `10:00:00.5` of today, `2026-11-27 10:00`, or the API's form. @returns the API's form */
export function typedTime(text: string, zone: Zone, now = Date.now()): string | undefined {
  const trimmed = text.trim();
  if (parseTime(trimmed) !== undefined) return trimmed;
  const form = /^(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;
  const [, day, minutes, seconds = "00", fraction = ""] = form.exec(trimmed) ?? [];
  if (minutes === undefined) return undefined;
  const date = day ?? timeParts(BigInt(now) * 1_000_000n, zone).date;
  const millis = Date.parse(`${date}T${minutes}:${seconds}${zone === "utc" ? "Z" : ""}`);
  if (Number.isNaN(millis)) return undefined;
  return apiTime(BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, "0")));
}
