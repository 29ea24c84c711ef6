import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clockTime,
  durationsAlike,
  exactDuration,
  exactTime,
  parseDuration,
  parseSeconds,
  parseTime,
  secondsText,
  shortDuration,
  typedTime,
} from "../../../../src/web/format/time.ts";

test("a time is read and shown to the nanosecond", () => {
  const time = parseTime("2026-11-23T10:00:00.123456789Z");
  assert.equal(time, 1_795_428_000_123_456_789n);
  assert.equal(exactTime(time ?? 0n, "utc"), "2026-11-23 10:00:00.123456789 UTC");
  assert.equal(clockTime(time ?? 0n, "utc"), "10:00:00.123");
});

test("a time without a fraction, and one with some digits, are read", () => {
  assert.equal(parseTime("1970-01-01T00:00:01Z"), 1_000_000_000n);
  assert.equal(parseTime("1970-01-01T00:00:00.5Z"), 500_000_000n);
});

test("a time before 1970 has a fraction above 0", () => {
  assert.equal(exactTime(-1n, "utc"), "1969-12-31 23:59:59.999999999 UTC");
});

test("what is no time is none", () => {
  for (const text of [undefined, "", "yesterday", "2026-13-45T10:00:00Z"]) {
    assert.equal(parseTime(text), undefined, text ?? "no text");
  }
});

test("a local time is that of the zone of the machine", () => {
  const date = new Date(2026, 10, 23, 10, 0, 0);
  assert.equal(exactTime(BigInt(date.getTime()) * 1_000_000n, "local"), "2026-11-23 10:00:00.000000000");
});

test("a duration of the API is read, and written as it was", () => {
  assert.equal(parseSeconds("0.001500s"), 1_500_000n);
  assert.equal(parseSeconds("-0.000000001s"), -1n);
  assert.equal(parseSeconds("3s"), 3_000_000_000n);
  assert.equal(parseSeconds("3"), undefined);
  assert.equal(parseSeconds(secondsText(1_234_567_890n)), 1_234_567_890n);
});

test("a duration that a person types is read in each unit", () => {
  const read: readonly (readonly [string, bigint | undefined])[] = [
    ["10ms", 10_000_000n],
    ["1.5 s", 1_500_000_000n],
    ["200us", 200_000n],
    ["200 µs", 200_000n],
    ["7ns", 7n],
    ["2m", 120_000_000_000n],
    ["1h", 3_600_000_000_000n],
    ["9007199254740993ns", 9_007_199_254_740_993n],
    ["8760.5h", 31_537_800_000_000_000n],
    ["99999999999h", undefined],
    ["10", undefined],
    ["fast", undefined],
    ["", undefined],
  ];
  for (const [text, nanos] of read) assert.equal(parseDuration(text), nanos, text);
});

test("a duration is shown to three figures, and never as 1000 of a unit", () => {
  const shown: readonly (readonly [bigint, string])[] = [
    [0n, "0 ns"],
    [7n, "7 ns"],
    [1_500n, "1.5 µs"],
    [999_600n, "1 ms"],
    [12_345_678n, "12.3 ms"],
    [1_234_000_000n, "1.23 s"],
    [90_000_000_000n, "1.5 min"],
    [-1_500_000n, "-1.5 ms"],
  ];
  for (const [nanos, text] of shown) assert.equal(shortDuration(nanos), text);
  assert.equal(exactDuration(1_500_000n), "1,500,000 ns");
});

test("a time that is typed is taken in the zone that is shown, to the nanosecond", () => {
  const now = Date.UTC(2026, 10, 27, 12);
  for (const [typed, expected] of [
    ["10:00", "2026-11-27T10:00:00.000000000Z"],
    ["10:00:01.123456789", "2026-11-27T10:00:01.123456789Z"],
    ["2026-11-26 10:00:01", "2026-11-26T10:00:01.000000000Z"],
    [" 2026-11-26T10:00:01.5Z ", "2026-11-26T10:00:01.5Z"],
    ["25:00", undefined],
    ["2026-13-01 10:00", undefined],
    ["soon", undefined],
  ] as const) {
    assert.equal(typedTime(typed, "utc", now), expected, typed);
  }
});

test("durations that are told together have one unit and as many digits as tell them apart", () => {
  assert.deepEqual(durationsAlike([0, 2e7, 4e7]), ["0", "20 ms", "40 ms"]);
  assert.deepEqual(durationsAlike([0, 5e8, 1e9, 1.5e9]), ["0", "0.5 s", "1.0 s", "1.5 s"]);
  assert.deepEqual(durationsAlike([1_000_000_000, 1_000_000_200, 1_000_000_400]), [
    "1.0000000 s",
    "1.0000002 s",
    "1.0000004 s",
  ]);
  assert.deepEqual(durationsAlike([0, 1e13, 2e13, 3e13]), ["0", "2.8 h", "5.6 h", "8.3 h"]);
  assert.deepEqual(durationsAlike([1.5e9]), ["1.5 s"]);
  assert.deepEqual(durationsAlike([0]), ["0"]);
  assert.deepEqual(durationsAlike([]), []);
});

test("a time in an hour that clocks show twice has its offset", (t) => {
  const { TZ } = process.env;
  t.after(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });
  const shown = (time: string) => exactTime(parseTime(time) ?? 0n, "local");
  process.env.TZ = "Europe/Berlin";
  assert.equal(shown("2026-10-25T00:30:00Z"), "2026-10-25 02:30:00.000000000 UTC+02:00");
  assert.equal(shown("2026-10-25T01:30:00Z"), "2026-10-25 02:30:00.000000000 UTC+01:00");
  assert.equal(shown("2026-10-25T12:30:00Z"), "2026-10-25 13:30:00.000000000");
  process.env.TZ = "America/St_Johns";
  assert.equal(shown("2026-11-01T05:00:00Z"), "2026-11-01 01:30:00.000000000 UTC-03:30");
});
