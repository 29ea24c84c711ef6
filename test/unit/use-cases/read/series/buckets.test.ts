import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { AggregationTemporality } from "../../../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { requestSchemas } from "../../../../../src/otlp/services.ts";
import { bucketLines } from "../../../../../src/use-cases/read/series/bucket-lines.ts";
import type { Distribution } from "../../../../../src/use-cases/read/series/distribution.ts";
import { DrawnSeries } from "../../../../../src/use-cases/read/series/drawn-series.ts";
import { makeAttributes } from "../../../../support/otlp-attributes.ts";
import { buildReader } from "../../../../support/reader.ts";

const second = 1_000_000_000n;
const at = (seconds: number) => 1_795_428_000n * second + BigInt(seconds) * second;

interface Sent {
  readonly line: string;
  readonly time: number;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

function sendOf({ line, time, bounds, counts }: Sent) {
  const point = {
    startTimeUnixNano: at(0),
    timeUnixNano: at(time),
    explicitBounds: [...bounds],
    bucketCounts: counts.map(BigInt),
    count: BigInt(counts.reduce((a, b) => a + b, 0)),
    attributes: makeAttributes({ line }),
  };
  const value = { aggregationTemporality: AggregationTemporality.CUMULATIVE, dataPoints: [point] };
  const metrics = [{ name: "m", unit: "s", data: { case: "histogram" as const, value } }];
  return create(requestSchemas.metrics, { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
}

/** Of each bucket its limits and its counts by the second. */
async function bucketsOf(sent: readonly Sent[], limit?: number) {
  const { reader, send } = buildReader();
  for (const each of sent) send("metrics", sendOf(each));
  const query = { name: "m", function: "buckets", stepNano: second, ...(limit && { limit }) } as const;
  const { series, steps } = await reader.queryMetric(query);
  const first = Number((steps!.startUnixNano - at(0)) / second);
  return series.map(({ drawn }) => [
    drawn.bucket!.low,
    drawn.bucket!.high,
    Object.fromEntries(
      Array.from({ length: steps!.count }, (_, i) => [first + i, drawn.valueAt(i)]).filter(([, n]) => n),
    ),
  ]);
}

describe("the buckets of a histogram over time", () => {
  test("buckets count what was added in each step, of all series together, and the last one has no end", async () => {
    const bounds = [1, 2, 5];
    const buckets = await bucketsOf([
      { line: "a", time: 1, bounds, counts: [3, 0, 0, 0] },
      { line: "b", time: 1, bounds, counts: [1, 0, 0, 2] },
      { line: "a", time: 2, bounds, counts: [3, 0, 4, 0] },
    ]);
    assert.deepEqual(buckets, [
      [0, 1, { 1: 4 }],
      [2, 5, { 2: 4 }],
      [5, Number.POSITIVE_INFINITY, { 1: 2 }],
    ]);
  });

  test("measurements below the first bound, where it is negative, are in a bucket without an end", async () => {
    const buckets = await bucketsOf([{ line: "a", time: 1, bounds: [-5, 0], counts: [2, 3, 4] }]);
    assert.deepEqual(buckets, [
      [Number.NEGATIVE_INFINITY, -5, { 1: 2 }],
      [-5, 0, { 1: 3 }],
      [0, Number.POSITIVE_INFINITY, { 1: 4 }],
    ]);
  });

  test("a bucket that reaches into several of another sender counts in each by the part that lies in it", async () => {
    const buckets = await bucketsOf([
      { line: "a", time: 1, bounds: [0, 10, 20], counts: [0, 4, 6, 0] },
      { line: "b", time: 1, bounds: [0, 20], counts: [0, 8, 0] },
    ]);
    assert.deepEqual(buckets, [
      [0, 10, { 1: 8 }],
      [10, 20, { 1: 10 }],
    ]);
  });

  test("buckets stand in the order of their values: zeros before those that begin at zero, those without an end last", () => {
    const line = new DrawnSeries([], [], 1, false);
    const counts = (...list: number[]) => Float64Array.from(list);
    line.addDistribution(0, { kind: "explicit", bounds: [-1, 0], counts: counts(1, 2, 3) });
    line.addDistribution(0, { kind: "explicit", bounds: [-0.5, 0.25, 1], counts: counts(1, 2, 3, 4) });
    const none = { offset: 0, counts: counts() };
    const exponential = {
      kind: "exponential",
      scale: 0,
      zeroCount: 1,
      zeroThreshold: 0,
      negative: none,
    } as const;
    line.addDistribution(0, { ...exponential, positive: { offset: -2, counts: counts(5) } });
    const buckets = iterate(bucketLines(line, 1, 64)).map(({ bucket }) => [bucket!.low, bucket!.high]);
    assert.deepEqual(buckets[0], [Number.NEGATIVE_INFINITY, -0.5]);
    assert.deepEqual(buckets.at(-1), [0, Number.POSITIVE_INFINITY]);
    const finite = buckets.slice(1, -1);
    assert.deepEqual(
      finite,
      finite.toSorted(([a, b], [c, d]) => a! - c! || b! - d!),
    );
    assert.deepEqual(finite.filter(([low]) => low === 0)[0], [0, 0]);
  });

  test("more buckets than are wanted are joined", async () => {
    const bounds = Array.from({ length: 200 }, (_, i) => i);
    const counts = [0, ...bounds.map(() => 1)];
    const buckets = await bucketsOf([{ line: "a", time: 1, bounds, counts }], 5);
    assert.equal(buckets.length, 3);
    assert.equal(
      buckets.reduce((sum, [, , of]) => sum + (of as Record<number, number>)[1]!, 0),
      200,
    );
  });

  test("buckets are refused with a group, and of a metric without them", async () => {
    const { reader, send } = buildReader();
    send("metrics", sendOf({ line: "a", time: 1, bounds: [1], counts: [1, 1] }));
    await assert.rejects(
      reader.queryMetric({ name: "m", function: "buckets", groupBy: [{ attribute: "line" }] }),
      /^ObsvtyError: group_by: must be empty for buckets/,
    );
  });

  test("no measurement is lost, however different the buckets of senders are", () => {
    const counts = fc.array(fc.nat(50), { minLength: 1, maxLength: 40 });
    const explicit = fc
      .uniqueArray(fc.integer({ min: -50, max: 500 }), { minLength: 1, maxLength: 30 })
      .chain((bounds) =>
        fc
          .array(fc.nat(9), { minLength: bounds.length + 1, maxLength: bounds.length + 1 })
          .map((list): Distribution => {
            return {
              kind: "explicit",
              bounds: bounds.toSorted((a, b) => a - b),
              counts: Float64Array.from(list),
            };
          }),
      );
    const side = fc
      .tuple(fc.integer({ min: -40, max: 40 }), counts)
      .map(([offset, list]) => ({ offset, counts: Float64Array.from(list) }));
    const exponential = fc
      .tuple(fc.integer({ min: -3, max: 8 }), fc.nat(9), fc.constantFrom(0, 0.001), side, side)
      .map(([scale, zeroCount, zeroThreshold, positive, negative]): Distribution => {
        return { kind: "exponential", scale, zeroCount, zeroThreshold, positive, negative };
      });
    const all = fc.array(fc.tuple(fc.nat(9), fc.oneof(explicit, exponential)), { maxLength: 12 });
    fc.assert(
      fc.property(all, fc.integer({ min: 3, max: 64 }), (distributions, most) => {
        const line = new DrawnSeries([], [], 10, false);
        for (const [step, each] of distributions) line.addDistribution(step, each);
        const lines = [...iterate(bucketLines(line, 10, most))];
        assert.ok(lines.length <= Math.max(4, most));
        const sum = lines.reduce((total, { size }) => total + size, 0);
        assert.ok(Math.abs(sum - line.size) <= 1e-6 * Math.max(1, line.size), `${sum} of ${line.size}`);
      }),
    );
  });
});

function iterate<Value>(generator: Generator<void, Value>): Value {
  for (;;) {
    const step = generator.next();
    if (step.done === true) return step.value;
  }
}
