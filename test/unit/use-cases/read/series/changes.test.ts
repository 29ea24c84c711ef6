import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { MetricPoint } from "../../../../../src/domain/telemetry.ts";
import { type Change, Changes } from "../../../../../src/use-cases/read/series/changes.ts";
import { copyOf, type Distribution } from "../../../../../src/use-cases/read/series/distribution.ts";

const CUMULATIVE = 2;

function histogramPoint(second: number, bucketCounts: readonly bigint[]): MetricPoint {
  return {
    temporality: CUMULATIVE,
    startUnixNano: 1n,
    timeUnixNano: BigInt(second) * 1_000_000_000n,
    value: {
      kind: "histogram",
      count: bucketCounts.reduce((sum, count) => sum + count, 0n),
      sum: undefined,
      min: undefined,
      max: undefined,
      bounds: [1, 2],
      bucketCounts,
    },
  } as Partial<MetricPoint> as MetricPoint;
}

const countsOf = (change: Change | string) => {
  assert.ok(typeof change !== "string");
  const { distribution } = change;
  assert.ok(distribution?.kind === "explicit");
  return [...distribution.counts];
};

describe("the changes of a cumulative histogram", () => {
  test("a change keeps its buckets when later data points come", () => {
    const changes = new Changes(true, 0n);
    const told = [
      [1n, 2n, 3n],
      [2n, 4n, 6n],
      [5n, 5n, 6n],
      // The sender begins anew without a new start.
      [1n, 0n, 0n],
      [4n, 0n, 1n],
    ].map((counts, i) => changes.next(histogramPoint(i + 1, counts)));
    assert.deepEqual(told.map(countsOf), [
      [1, 2, 3],
      [1, 2, 3],
      [3, 1, 0],
      [1, 0, 0],
      [3, 0, 1],
    ]);
  });
});

describe("a copy of a distribution", () => {
  const explicit = (...counts: number[]): Distribution => ({
    kind: "explicit",
    bounds: counts.slice(1),
    counts: Float64Array.from(counts),
  });
  const exponential = (offset: number, ...counts: number[]): Distribution => ({
    kind: "exponential",
    scale: offset,
    zeroCount: 1,
    zeroThreshold: 0,
    positive: { offset, counts: Float64Array.from(counts) },
    negative: { offset: 0, counts: new Float64Array() },
  });

  for (const [what, from, into] of [
    ["with the same bounds", explicit(1, 2, 3), explicit(7, 2, 3)],
    ["with other bounds", explicit(1, 2, 3), explicit(1, 2, 4)],
    ["with more buckets", explicit(1, 2, 3), explicit(1, 2)],
    ["of the other kind", explicit(1, 2, 3), exponential(1, 2)],
    ["that is exponential with as many buckets", exponential(1, 2, 3), exponential(5, 6, 7)],
    ["that is exponential with fewer buckets", exponential(1, 2, 3), exponential(5, 6)],
  ] as const) {
    test(`a copy of a distribution into one ${what} is equal to it and shares no counts with it`, () => {
      const copied = copyOf(from, into);
      assert.deepEqual(copied, from);
      const countsOf = (one: Distribution) => (one.kind === "explicit" ? one.counts : one.positive.counts);
      assert.notEqual(countsOf(copied), countsOf(from));
    });
  }
});
