const second = 1_000_000_000n;
const minute = 60n * second;
const hour = 60n * minute;
const day = 24n * hour;

/** The longest google.protobuf.Duration, 10,000 years: longer than any window, and no longer step can be told. */
const longest = 315_576_000_000n * second;

/** Steps that people read easily, up to a day. */
const steps: readonly bigint[] = [
  ...Array.from({ length: 9 }, (_, i) => 10n ** BigInt(i)).flatMap((power) => [
    power,
    2n * power,
    5n * power,
  ]),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((count) => count * second),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((count) => count * minute),
  ...[1n, 2n, 3n, 6n, 12n].map((count) => count * hour),
];

/** Steps of equal length, of which the first begins at a multiple of their length since the epoch. */
export interface Steps {
  readonly startUnixNano: bigint;
  readonly stepNano: bigint;
  readonly count: number;
}

/** The shortest steps that people read easily, of which at most `maxCount` reach from a time up to but without another. */
export function niceSteps(startUnixNano: bigint, endUnixNano: bigint, maxCount: number): Steps {
  for (const stepNano of allSteps()) {
    const start = (startUnixNano / stepNano) * stepNano;
    const count = (endUnixNano - start + stepNano - 1n) / stepNano;
    if (count <= maxCount) return { startUnixNano: start, stepNano, count: Number(count) };
  }
  throw new Error("steps grow without an end");
}

function* allSteps(): Generator<bigint, void, undefined> {
  yield* steps;
  for (let power = 1n; ; power *= 10n) {
    for (const count of [1n, 2n, 5n]) {
      const step = count * power * day;
      if (step >= longest) return yield longest;
      yield step;
    }
  }
}
