import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatDuration } from "../../../../src/cli/output/duration-text.ts";

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
    test(`a duration of ${nanos} ns is printed as ${text}`, () => assert.equal(formatDuration(nanos), text));
  }
});
