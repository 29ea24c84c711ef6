import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseDuration } from "../../../../src/cli/flags/duration.ts";

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
    test(`a duration ${text} is read`, () => assert.equal(parseDuration(text), nanos));
  }

  for (const text of ["", "10", "s", "-1s", "1 s", "1.s", ".5s", "1e3s", "10S", "1min", "5s ", "9999999d"]) {
    test(`${JSON.stringify(text)} is refused as a duration`, () =>
      assert.equal(parseDuration(text), undefined));
  }
});
