const nanosPerUnit = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  // The Greek letter, which keyboards type, beside the micro sign.
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
} as const;

type Unit = keyof typeof nanosPerUnit;

const unit = "(?:[nuµμm]?s|[mhd])";
const part = `(\\d+)(?:\\.(\\d{1,18}))?(${unit})`;
const whole = new RegExp(`^(?:\\d+(?:\\.\\d{1,18})?${unit})+$`);

/** What a duration may look like, for messages. */
export const durationExamples = "a duration like 250us, 10ms, 1.5s, 2m or 1h30m";

/** As far as google.protobuf.Duration goes: 10,000 years. */
const maxNanos = 315_576_000_000n * nanosPerUnit.s;

/** Nanoseconds of a duration such as `1.5s` or `1h30m`; undefined when it is none. */
export function parseDuration(text: string): bigint | undefined {
  if (!whole.test(text)) {
    return undefined;
  }
  let nanos = 0n;
  for (const [, digits = "", fraction = "", name] of text.matchAll(new RegExp(part, "g"))) {
    const scale = nanosPerUnit[name as Unit];
    nanos += BigInt(digits) * scale + (BigInt(fraction || "0") * scale) / 10n ** BigInt(fraction.length);
  }
  return nanos > maxNanos ? undefined : nanos;
}

const smallUnits = [
  ["ns", 1],
  ["µs", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
] as const;

const minuteNanos = 60e9;

/** For people, with three digits: `320 µs`, `1.24 ms`, `2.1 s`, `1m 03s`, `2h 05m`. */
export function formatDuration(nanos: bigint): string {
  if (nanos < 0n) {
    return `-${formatDuration(-nanos)}`;
  }
  const value = Number(nanos);
  for (const [name, scale] of smallUnits) {
    const rounded = Number((value / scale).toPrecision(3));
    // Rounding may reach the next unit: 999.9 µs is 1 ms.
    if (name === "s" ? rounded * scale < minuteNanos : rounded < 1_000) {
      return `${rounded} ${name}`;
    }
  }
  const seconds = Math.round(value / 1e9);
  const [major, minor, names] =
    seconds < 3_600
      ? [Math.floor(seconds / 60), seconds % 60, "ms"]
      : seconds < 86_400
        ? [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), "hm"]
        : [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3_600), "dh"];
  return `${major}${names[0]} ${String(minor).padStart(2, "0")}${names[1]}`;
}
