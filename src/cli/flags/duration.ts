import { notAllowed } from "./usage-error.ts";

const nanosPerUnit = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  // Keyboards type the Greek letter mu; the one above is the micro sign.
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

/** Examples of a duration, for messages. */
const durationExamples = "a duration like 250us, 10ms, 1.5s, 2m or 1h30m";

/** The range of google.protobuf.Duration: 10,000 years. */
const maxNanos = 315_576_000_000n * nanosPerUnit.s;

/** Nanoseconds of a duration such as `1.5s` or `1h30m`; undefined when the text is no duration. */
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

/** The nanoseconds that a flag gives. */
export function durationFlag(flag: string, text: string): bigint {
  const nanos = parseDuration(text);
  if (nanos === undefined) {
    throw notAllowed(flag, text, durationExamples);
  }
  return nanos;
}
