import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatDuration, parseDuration } from "../../../src/cli/duration.ts";

describe("parseDuration", () => {
  for (const [text, nanos] of [
    ["0s", 0n],
    ["7ns", 7n],
    ["250us", 250_000n],
    ["250µs", 250_000n],
    ["250μs", 250_000n],
    ["10ms", 10_000_000n],
    ["1.5s", 1_500_000_000n],
    ["0.000000001s", 1n],
    ["2m", 120_000_000_000n],
    ["1h30m", 5_400_000_000_000n],
    ["1d", 86_400_000_000_000n],
    ["3652500d", 3_652_500n * 86_400_000_000_000n],
  ] as const) {
    test(`reads ${text}`, () => assert.equal(parseDuration(text), nanos));
  }

  for (const text of ["", "10", "s", "-1s", "1 s", "1.s", ".5s", "1e3s", "10S", "1min", "5s ", "9999999d"]) {
    test(`does not take ${JSON.stringify(text)}`, () => assert.equal(parseDuration(text), undefined));
  }
});

describe("formatDuration", () => {
  for (const [nanos, text] of [
    [0n, "0 ns"],
    [999n, "999 ns"],
    [1_000n, "1 µs"],
    [320_400n, "320 µs"],
    [999_900n, "1 ms"],
    [1_240_000n, "1.24 ms"],
    [12_345_678n, "12.3 ms"],
    [2_100_000_000n, "2.1 s"],
    [59_940_000_000n, "59.9 s"],
    [59_960_000_000n, "1m 00s"],
    [63_000_000_000n, "1m 03s"],
    [3_599_600_000_000n, "1h 00m"],
    [7_500_000_000_000n, "2h 05m"],
    [90_000_000_000_000n, "1d 01h"],
    [-1_500_000n, "-1.5 ms"],
  ] as const) {
    test(`${nanos} ns is ${text}`, () => assert.equal(formatDuration(nanos), text));
  }
});
