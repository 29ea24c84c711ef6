import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import {
  AggregationTemporality,
  type MetricSchema,
} from "../../../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { MetricFunction } from "../../../../../src/domain/metric-function.ts";
import { requestSchemas } from "../../../../../src/otlp/services.ts";
import type { SeriesAnswer, ShownSeries } from "../../../../../src/use-cases/read/series/query-metric.ts";
import { resourceOf } from "../../../../contract/store-requests.ts";
import { makeAttributes } from "../../../../support/otlp-attributes.ts";
import { buildReader } from "../../../../support/reader.ts";

const { DELTA, CUMULATIVE } = AggregationTemporality;
const second = 1_000_000_000n;
/** Times are seconds after this, a multiple of every step here. */
const base = 10_500n * 171_428n;
const at = (seconds: number) => base * second + BigInt(Math.round(seconds * 1e9));

type Data = NonNullable<MessageInitShape<typeof MetricSchema>["data"]>;

interface Sent {
  readonly service?: string;
  readonly instance?: string;
  readonly name?: string;
  readonly unit?: string;
  readonly description?: string;
  readonly data: Data;
}

function request({ service = "shop", instance = "1", name = "m", unit = "1", description = "", data }: Sent) {
  return create(requestSchemas.metrics, {
    resourceMetrics: [
      {
        resource: resourceOf({ "service.name": service, "service.instance.id": instance }),
        scopeMetrics: [{ metrics: [{ name, unit, description, data }] }],
      },
    ],
  });
}

interface Point {
  readonly start?: number;
  readonly time: number;
  readonly value: number;
  readonly attributes?: Record<string, string>;
}

function numbers(points: readonly Point[]) {
  return points.map(({ start, time, value, attributes = {} }) => ({
    startTimeUnixNano: start === undefined ? 0n : at(start),
    timeUnixNano: at(time),
    value: { case: "asDouble" as const, value },
    attributes: makeAttributes(attributes),
  }));
}

const gauge = (...points: Point[]): Data => ({ case: "gauge", value: { dataPoints: numbers(points) } });
const sum = (
  isMonotonic: boolean,
  aggregationTemporality: AggregationTemporality,
  ...points: Point[]
): Data => ({
  case: "sum",
  value: { isMonotonic, aggregationTemporality, dataPoints: numbers(points) },
});
const counter = (...points: Point[]) => sum(true, CUMULATIVE, ...points);

interface HistogramPoint {
  readonly start: number;
  readonly time: number;
  readonly counts: readonly number[];
  readonly sum?: number;
}

const bounds = [1, 2, 5, 10];
function histogram(aggregationTemporality: AggregationTemporality, ...points: HistogramPoint[]): Data {
  const dataPoints = points.map(({ start, time, counts, sum = 0 }) => ({
    startTimeUnixNano: at(start),
    timeUnixNano: at(time),
    explicitBounds: bounds,
    bucketCounts: counts.map(BigInt),
    count: BigInt(counts.reduce((a, b) => a + b, 0)),
    sum,
  }));
  return { case: "histogram", value: { aggregationTemporality, dataPoints } };
}

/** Of each line its value by the second at which the step begins. */
function shown({ series }: SeriesAnswer<ShownSeries>) {
  return series.map(({ drawn, steps }) => ({
    group: drawn.values,
    values: Object.fromEntries(
      Array.from({ length: steps.count }, (_, i) => [
        Number((steps.startUnixNano - base * second + BigInt(i) * steps.stepNano) / 1_000_000n) / 1_000,
        drawn.valueAt(i),
      ]).filter(([, value]) => value !== undefined),
    ) as Record<string, number>,
  }));
}

interface Asked {
  readonly function?: MetricFunction;
  readonly step?: number;
  readonly since?: number;
  readonly until?: number;
  readonly by?: string;
}

async function ask(reader: ReturnType<typeof buildReader>["reader"], asked: Asked = {}) {
  const { step, since, until, by } = asked;
  return reader.queryMetric({
    name: "m",
    function: asked.function,
    ...(step !== undefined && { stepNano: BigInt(step * 1e9) }),
    filter: {
      ...(since !== undefined && { sinceUnixNano: at(since) }),
      ...(until !== undefined && { untilUnixNano: at(until) }),
    },
    ...(by !== undefined && { groupBy: [by === "service" ? { field: "service" } : { attribute: by }] }),
  });
}

async function valuesOf(sent: readonly Sent[], asked: Asked = {}) {
  const { reader, send } = buildReader();
  for (const each of sent) send("metrics", request(each));
  return shown(await ask(reader, asked)).map(({ values }) => values);
}

/** Values with a little less precision. */
const rounded = (values: Record<string, number>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value.toPrecision(9))]));

describe("QueryMetric of counters", () => {
  test("the rate of a counter is what it grew by in each step, by the second", async () => {
    const sent = [{ data: counter({ start: 0, time: 10, value: 50 }, { start: 0, time: 20, value: 70 }) }];
    assert.deepEqual(await valuesOf(sent, { step: 5 }), [{ 0: 5, 5: 5, 10: 2, 15: 2 }]);
    assert.deepEqual(await valuesOf(sent, { step: 5, function: "increase" }), [
      { 0: 25, 5: 25, 10: 10, 15: 10 },
    ]);
  });

  test("a counter of a process that exported once, at its end, has a rate", async () => {
    const values = await valuesOf([{ data: counter({ start: 3, time: 5, value: 8 }) }], { step: 1 });
    assert.deepEqual(values, [{ 3: 4, 4: 4 }]);
  });

  test("the first data point of a counter that began before the window counts for nothing", async () => {
    const sent = [
      { data: counter({ start: -5_000, time: 0, value: 1e6 }, { start: -5_000, time: 10, value: 1e6 + 20 }) },
    ];
    assert.deepEqual(await valuesOf(sent, { step: 10 }), [{ 0: 2 }]);
  });

  test("a data point before the window tells where the first one in it begins", async () => {
    const sent = [
      { data: counter({ start: -5_000, time: 0, value: 5 }, { start: -5_000, time: 10, value: 25 }) },
    ];
    assert.deepEqual(await valuesOf(sent, { step: 5, since: 5, until: 15 }), [{ 5: 2 }]);
  });

  test("a counter that begins anew counts from its new start, or without one from the data point before", async () => {
    const told = counter({ start: 0, time: 10, value: 100 }, { start: 15, time: 20, value: 10 });
    assert.deepEqual(await valuesOf([{ data: told }], { step: 5 }), [{ 0: 10, 5: 10, 15: 2 }]);
    const untold = counter({ time: 0, value: 100 }, { time: 10, value: 20 });
    assert.deepEqual(await valuesOf([{ data: untold }], { step: 10 }), [{ 0: 2 }]);
  });

  test("a data point that is older than one of its series before is left out, and counted", async () => {
    const { reader, send } = buildReader();
    const late = counter({ start: 0, time: 20, value: 40 }, { start: 0, time: 10, value: 30 });
    send("metrics", request({ data: late }));
    const answer = await ask(reader, { step: 10 });
    assert.deepEqual(
      [shown(answer)[0]?.values, answer.points, answer.leftOutPoints],
      [{ 0: 2, 10: 2 }, 1, 1],
    );
  });

  test("processes that write one series are told apart by their start, as workers of one server are", async () => {
    const workers = [1, 2, 3, 4].flatMap((time) => [
      { start: 0, time, value: 10 * time },
      { start: 0.5, time, value: 2 * time },
    ]);
    assert.deepEqual(await valuesOf([{ data: counter(...workers) }], { step: 1, function: "increase" }), [
      { 0: 12, 1: 12, 2: 12, 3: 12 },
    ]);
    const data = histogram(
      CUMULATIVE,
      ...[1, 2].flatMap((time) => [
        { start: 0, time, counts: [0, 10 * time, 0, 0, 0] },
        { start: 0.5, time, counts: [0, 0, 0, 10 * time, 0] },
      ]),
    );
    assert.deepEqual((await valuesOf([{ data }], { step: 1, function: "p90" })).map(rounded), [
      { 1: 9, 2: 9 },
    ]);
    assert.deepEqual(await valuesOf([{ data }], { step: 1, function: "count" }), [{ 0: 20, 1: 20 }]);
  });

  test("a process that began before the window counts from its first data point there, also beside another", async () => {
    const data = counter(
      { start: -5_000, time: 10, value: 1e6 },
      { start: -4_000, time: 10, value: 2e6 },
      { start: -5_000, time: 20, value: 1e6 + 10 },
      { start: -4_000, time: 20, value: 2e6 + 30 },
    );
    assert.deepEqual(await valuesOf([{ data }], { step: 10, function: "increase" }), [{ 10: 40 }]);
  });

  test("a rate is over the whole step, also where delta data points leave times out in which nothing was added", async () => {
    const data = sum(
      true,
      DELTA,
      { start: 0, time: 1, value: 10 },
      { start: 9, time: 10, value: 10 },
      { start: 12, time: 13, value: 50 },
      { start: 20, time: 21, value: 7 },
    );
    assert.deepEqual(await valuesOf([{ data }], { step: 10 }), [{ 0: 2, 10: 5, 20: 7 }]);
  });

  test("counters of cumulative and of delta temporality tell what adding up second by second does", async () => {
    const step = fc.constantFrom(1, 2, 3, 7);
    const series = fc.record({
      isDelta: fc.boolean(),
      service: fc.constantFrom("a", "b"),
      // Seconds since the data point before, what was added, and whether the sender began anew.
      changes: fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(50), fc.nat(5)), {
        minLength: 1,
        maxLength: 8,
      }),
    });
    await fc.assert(
      fc.asyncProperty(step, fc.array(series, { minLength: 1, maxLength: 4 }), async (step, all) => {
        const { reader, send } = buildReader();
        // By service, series and second: what was added.
        const added = new Map<string, Map<number, number>[]>();
        for (const [i, { isDelta, service, changes }] of all.entries()) {
          const perSecond = new Map<number, number>();
          added.set(service, [...(added.get(service) ?? []), perSecond]);
          let time = 0;
          let start = 0;
          let total = 0;
          const points = changes.map(([seconds, amount, luck]): Point => {
            for (let s = time; s < time + seconds; s++) perSecond.set(s, amount / seconds);
            if (luck === 0) [start, total] = [time, 0];
            const point = { start: isDelta ? time : start, time: time + seconds };
            total += amount;
            time += seconds;
            return { ...point, value: isDelta ? amount : total };
          });
          send(
            "metrics",
            request({ service, instance: `${i}`, data: sum(true, isDelta ? DELTA : CUMULATIVE, ...points) }),
          );
        }
        for (const asked of ["rate", "increase"] as const) {
          const expected = [...added].map(([group, series]) => {
            const values: Record<string, number> = {};
            for (const perSecond of series) {
              const end = Math.max(...perSecond.keys()) + 1;
              for (let from = 0; from < end; from += step) {
                const seconds = Array.from({ length: step }, (_, i) => perSecond.get(from + i)).filter(
                  (a) => a !== undefined,
                );
                const amount = seconds.reduce((a, b) => a + b, 0);
                values[from] = (values[from] ?? 0) + (asked === "rate" ? amount / seconds.length : amount);
              }
            }
            return [group, rounded(values)];
          });
          const answer = shown(await ask(reader, { step, function: asked, by: "service" }));
          assert.deepEqual(
            Object.fromEntries(answer.map(({ group, values }) => [group[0], rounded(values)])),
            Object.fromEntries(expected),
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("QueryMetric of gauges and other sums", () => {
  test("a gauge has the newest value of each step, which lasts until the next one", async () => {
    const sent = [{ data: gauge({ time: 0, value: 1 }, { time: 1, value: 2 }, { time: 25, value: 7 }) }];
    assert.deepEqual(await valuesOf(sent, { step: 10 }), [{ 0: 2, 10: 2, 20: 7 }]);
  });

  test("a value of a gauge lasts no longer than five minutes", async () => {
    const sent = [{ data: gauge({ time: 0, value: 1 }, { time: 301, value: 7 }) }];
    assert.deepEqual(await valuesOf(sent, { step: 100 }), [{ 0: 1, 300: 7 }]);
  });

  test("QueryMetric averages several series of gauges, and adds those of sums that are not monotonic", async () => {
    for (const [make, value, avg] of [
      [gauge, 2, 2],
      [(...points: Point[]) => sum(false, CUMULATIVE, ...points), 4, 2],
    ] as const) {
      const sent = [1, 3].map((value) => ({ instance: `${value}`, data: make({ time: 0, value }) }));
      assert.deepEqual(await valuesOf(sent, { by: "service", step: 1 }), [{ 0: value }]);
      assert.deepEqual(await valuesOf(sent, { by: "service", step: 1, function: "avg" }), [{ 0: avg }]);
      assert.deepEqual(await valuesOf(sent, { by: "service", step: 1, function: "sum" }), [{ 0: 4 }]);
    }
  });

  test("a sum that is not monotonic of delta temporality is added up from the first data point on", async () => {
    const data = sum(false, DELTA, { start: 0, time: 1, value: 5 }, { start: 1, time: 2, value: -2 });
    assert.deepEqual(await valuesOf([{ data }], { step: 1 }), [{ 1: 5, 2: 3 }]);
  });

  test("sums that are not monotonic of processes that write one series are added, as those of workers of one server", async () => {
    const data = sum(
      false,
      CUMULATIVE,
      ...[1, 2, 3].flatMap((time) => [
        { start: 0, time, value: 10 * time },
        { start: 0.5, time, value: 1 },
      ]),
    );
    assert.deepEqual(await valuesOf([{ data }], { step: 1 }), [{ 1: 11, 2: 21, 3: 31 }]);
  });

  test("a sum that is not monotonic of a process that is started again goes on from its newest value", async () => {
    const data = sum(
      false,
      CUMULATIVE,
      { start: 0, time: 1, value: 5 },
      { start: 3, time: 4, value: 2 },
      { start: 5, time: 6, value: 3 },
    );
    assert.deepEqual(await valuesOf([{ data }], { step: 1 }), [{ 1: 5, 2: 5, 3: 5, 4: 2, 5: 2, 6: 3 }]);
    assert.deepEqual(await valuesOf([{ data }], { step: 10 }), [{ 0: 3 }]);
  });

  test("QueryMetric passes over values that are not finite", async () => {
    const data = gauge(
      { time: 0, value: 1 },
      { time: 1, value: Number.NaN },
      { time: 2, value: Number.POSITIVE_INFINITY },
    );
    assert.deepEqual(await valuesOf([{ data }], { step: 1 }), [{ 0: 1 }]);
  });

  test("gauges of QueryMetric tell what looking at every second does", async () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: -9, max: 9 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(2, 3, 10, 60), points, async (step, gaps) => {
        let time = 0;
        const sent = gaps.map(([gap, value]): Point => {
          time += gap;
          return { time, value };
        });
        const expected: Record<string, number> = {};
        const first = Math.floor(sent[0]!.time / step) * step;
        for (let from = first; from <= time; from += step) {
          const before = sent.filter(({ time }) => time < from + step).at(-1)!;
          const after = sent[sent.indexOf(before) + 1];
          const lasts = after !== undefined && after.time - before.time <= 300;
          if (before.time >= from || lasts) expected[from] = before.value;
        }
        assert.deepEqual(await valuesOf([{ data: gauge(...sent) }], { step }), [expected]);
      }),
      { numRuns: 200 },
    );
  });
});

describe("QueryMetric of histograms", () => {
  test("percentiles of a cumulative histogram are those of each step, not those since the start", async () => {
    const data = histogram(
      CUMULATIVE,
      { start: 0, time: 10, counts: [100, 0, 0, 0, 0] },
      { start: 0, time: 20, counts: [100, 0, 10, 0, 0] },
    );
    assert.deepEqual(await valuesOf([{ data }], { step: 10, function: "p50" }), [{ 10: 0.5, 20: 3.5 }]);
    assert.deepEqual((await valuesOf([{ data }], { step: 10 })).map(rounded), [{ 10: 0.95, 20: 4.85 }]);
  });

  test("count, sum, average and rate of a histogram are of what was added", async () => {
    const data = histogram(
      CUMULATIVE,
      { start: 0, time: 10, counts: [10, 0, 0, 0, 0], sum: 5 },
      { start: 0, time: 20, counts: [10, 0, 20, 0, 0], sum: 65 },
    );
    const by = (asked: MetricFunction) => valuesOf([{ data }], { step: 10, function: asked });
    assert.deepEqual(await by("count"), [{ 0: 10, 10: 20 }]);
    assert.deepEqual(await by("sum"), [{ 0: 5, 10: 60 }]);
    assert.deepEqual(await by("avg"), [{ 0: 0.5, 10: 3 }]);
    assert.deepEqual(await by("rate"), [{ 0: 1, 10: 2 }]);
  });

  test("a histogram that begins anew, or with other bounds, counts as a whole", async () => {
    const data = histogram(
      CUMULATIVE,
      { start: 0, time: 10, counts: [100, 0, 0, 0, 0] },
      { start: 0, time: 20, counts: [0, 0, 10, 0, 0] },
    );
    assert.deepEqual(await valuesOf([{ data }], { step: 10, function: "p50" }), [{ 10: 0.5, 20: 3.5 }]);
  });

  test("percentiles of a histogram with bounds at the infinities are finite", async () => {
    for (const [explicitBounds, bucketCounts] of [
      [
        [1, 2, Number.POSITIVE_INFINITY],
        [1, 1, 8, 3],
      ],
      [
        [Number.NEGATIVE_INFINITY, 1, 2],
        [0, 1, 1, 11],
      ],
    ] as const) {
      const [values] = await valuesOf([{ data: ofBounds(explicitBounds, bucketCounts) }], {
        step: 1,
        function: "p90",
      });
      assert.deepEqual(values, { 1: 2 });
    }
  });

  test("a histogram whose bounds do not ascend has no percentiles: its data points are left out", async () => {
    for (const explicitBounds of [[2, 1], [1, 1], [Number.NaN, 1], []]) {
      const { reader, send } = buildReader();
      const counts = Array.from({ length: explicitBounds.length + 1 }, () => 5);
      send("metrics", request({ data: ofBounds(explicitBounds, counts) }));
      const { points, leftOutPoints, series } = await ask(reader, { step: 1 });
      assert.deepEqual(
        [points, leftOutPoints, series.map(({ drawn }) => drawn.valueAt(1))],
        [0, 1, [undefined]],
      );
    }
  });

  test("an exponential histogram whose scale falls by thousands goes on from the data point before", async () => {
    const point = { startTimeUnixNano: at(0), count: 3n, sum: 3 };
    const data: Data = {
      case: "exponentialHistogram",
      value: {
        aggregationTemporality: CUMULATIVE,
        dataPoints: [
          {
            ...point,
            timeUnixNano: at(1),
            scale: 20,
            positive: { offset: -100, bucketCounts: [1n, 1n, 1n] },
          },
          {
            ...point,
            timeUnixNano: at(2),
            count: 5n,
            scale: -2_000,
            positive: { offset: -1, bucketCounts: [3n, 2n] },
          },
        ],
      },
    };
    const [values] = await valuesOf([{ data }], { step: 1, function: "p50" });
    assert.ok(values![2]! > 1, `${values![2]}`);
  });

  test("a threshold of zero that is not finite, or reaches into buckets, does not spoil percentiles", async () => {
    const percentiles = (zeroThreshold: number) => {
      const point = {
        startTimeUnixNano: at(0),
        timeUnixNano: at(1),
        count: 40n,
        zeroCount: 20n,
        zeroThreshold,
      };
      const dataPoints = [{ ...point, scale: 0, positive: { offset: 0, bucketCounts: [20n] } }];
      const data: Data = {
        case: "exponentialHistogram",
        value: { aggregationTemporality: DELTA, dataPoints },
      };
      const asked = ["p50", "p99"] as const;
      return Promise.all(asked.map((each) => valuesOf([{ data }], { step: 1, function: each })));
    };
    for (const zeroThreshold of [Number.POSITIVE_INFINITY, Number.NaN, -1]) {
      const told = await percentiles(zeroThreshold);
      assert.deepEqual(told.flat().map(rounded), [{ 1: 0 }, { 1: 1.98 }]);
    }
    for (const told of (await percentiles(3)).flat()) assert.ok(told[1]! > 0 && told[1]! <= 3, `${told[1]}`);
  });

  test("a step of one line tells 64 distributions with different buckets, and leaves out the others", async () => {
    const { reader, send } = buildReader();
    for (let i = 0; i < 70; i++)
      send("metrics", request({ instance: `${i}`, data: ofBounds([1 + i], [0, 10]) }));
    const answer = await ask(reader, { step: 1, by: "service", function: "p50" });
    assert.deepEqual([answer.points, answer.leftOutPoints, shown(answer)[0]!.values], [64, 6, { 1: 32 }]);
  });

  test("percentiles lie in the bucket of the measurement of their rank, whatever the kind and the temporality", async () => {
    const batch = fc.array(fc.double({ min: 0.01, max: 40, noNaN: true }), { minLength: 1, maxLength: 30 });
    const input = fc.record({
      batches: fc.array(batch, { minLength: 1, maxLength: 4 }),
      isDelta: fc.boolean(),
      // undefined: explicit bounds. Else the scale of each batch, which never grows.
      scales: fc.option(fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 4, maxLength: 4 }), {
        nil: undefined,
      }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ batches, isDelta, scales }) => {
        const falling = scales?.toSorted((a, b) => b - a);
        const { reader, send } = buildReader();
        for (const [i] of batches.entries()) {
          const values = isDelta ? batches[i]! : batches.slice(0, i + 1).flat();
          const point = {
            startTimeUnixNano: at(isDelta ? i : 0),
            timeUnixNano: at(i + 1),
            count: BigInt(values.length),
            sum: values.reduce((a, b) => a + b, 0),
          };
          const aggregationTemporality = isDelta ? DELTA : CUMULATIVE;
          const data: Data =
            falling === undefined
              ? {
                  case: "histogram",
                  value: {
                    aggregationTemporality,
                    dataPoints: [{ ...point, explicitBounds: bounds, ...explicit(values) }],
                  },
                }
              : {
                  case: "exponentialHistogram",
                  value: {
                    aggregationTemporality,
                    dataPoints: [{ ...point, ...exponential(values, falling[i]!) }],
                  },
                };
          send("metrics", request({ data }));
        }
        for (const [asked, part] of [
          ["p50", 0.5],
          ["p90", 0.9],
          ["p99", 0.99],
        ] as const) {
          const [values = {}] = shown(await ask(reader, { step: 1, function: asked })).map(
            ({ values }) => values,
          );
          assert.deepEqual(
            Object.keys(values),
            batches.map((_, i) => `${i + 1}`),
          );
          for (const [i, batch] of batches.entries()) {
            const sorted = batch.toSorted((a, b) => a - b);
            const exact = sorted[Math.max(0, Math.ceil(sorted.length * part - 1e-9) - 1)]!;
            const [low, high] =
              falling === undefined ? explicitBucket(exact) : exponentialBucket(exact, falling[i]!);
            const told = values[i + 1]!;
            assert.ok(told >= low * (1 - 1e-9) && told <= high * (1 + 1e-9), `${told} in ${low}..${high}`);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("QueryMetric tells series of different buckets in one line together", async () => {
    const one = histogram(DELTA, { start: 0, time: 1, counts: [10, 0, 0, 0, 0] });
    const other: Data = {
      case: "histogram",
      value: {
        aggregationTemporality: DELTA,
        dataPoints: [
          {
            startTimeUnixNano: at(0),
            timeUnixNano: at(1),
            explicitBounds: [100, 200],
            bucketCounts: [0n, 10n, 0n],
            count: 10n,
          },
        ],
      },
    };
    const sent = [
      { instance: "1", data: one },
      { instance: "2", data: other },
    ];
    assert.deepEqual(await valuesOf(sent, { step: 1, function: "p50", by: "service" }), [{ 1: 1 }]);
    assert.deepEqual(await valuesOf(sent, { step: 1, function: "p90", by: "service" }), [{ 1: 180 }]);
  });

  test("QueryMetric of a summary tells its own quantiles, and its average", async () => {
    const dataPoints = [10, 20].map((time) => ({
      startTimeUnixNano: at(0),
      timeUnixNano: at(time),
      count: BigInt(time),
      sum: time * 2,
      quantileValues: [{ quantile: 0.9, value: time / 10 }],
    }));
    const data: Data = { case: "summary", value: { dataPoints } };
    assert.deepEqual(await valuesOf([{ data }], { step: 10, function: "p90" }), [{ 10: 1, 20: 2 }]);
    assert.deepEqual(await valuesOf([{ data }], { step: 10 }), [{ 0: 2, 10: 2 }]);
    assert.deepEqual(await valuesOf([{ data }], { step: 10, function: "p50" }), [{}]);
  });

  test("QueryMetric passes over quantiles of a summary that are not a number, as without measurements", async () => {
    const dataPoints = [1, Number.NaN, 3].map((value, i) => ({
      startTimeUnixNano: at(0),
      timeUnixNano: at(10 * (i + 1)),
      count: 1n,
      quantileValues: [{ quantile: 0.9, value }],
    }));
    const data: Data = { case: "summary", value: { dataPoints } };
    assert.deepEqual(await valuesOf([{ data }], { step: 10, function: "p90" }), [{ 10: 1, 20: 1, 30: 3 }]);
  });
});

/** A delta histogram of one data point, at second 1. */
function ofBounds(explicitBounds: readonly number[], counts: readonly number[]): Data {
  const count = BigInt(counts.reduce((a, b) => a + b, 0));
  const times = { startTimeUnixNano: at(0), timeUnixNano: at(1) };
  const bucketCounts = counts.map(BigInt);
  const dataPoints = [{ ...times, count, explicitBounds: [...explicitBounds], bucketCounts }];
  return { case: "histogram", value: { aggregationTemporality: DELTA, dataPoints } };
}

function explicit(values: readonly number[]) {
  const bucketCounts = [...bounds, Number.POSITIVE_INFINITY].map((high, i) =>
    BigInt(values.filter((value) => value > (bounds[i - 1] ?? 0) && value <= high).length),
  );
  return { bucketCounts };
}

function explicitBucket(value: number): readonly [number, number] {
  const i = bounds.findIndex((bound) => value <= bound);
  return i < 0 ? [10, 10] : [bounds[i - 1] ?? 0, bounds[i]!];
}

const indexOf = (value: number, scale: number) => Math.ceil(Math.log2(value) * 2 ** scale - 1e-12) - 1;

function exponential(values: readonly number[], scale: number) {
  const indices = values.map((value) => indexOf(value, scale));
  const offset = Math.min(...indices);
  const bucketCounts = Array.from({ length: Math.max(...indices) - offset + 1 }, (_, i) =>
    BigInt(indices.filter((index) => index === offset + i).length),
  );
  return { scale, positive: { offset, bucketCounts } };
}

function exponentialBucket(value: number, scale: number): readonly [number, number] {
  const index = indexOf(value, scale);
  return [2 ** (index / 2 ** scale), 2 ** ((index + 1) / 2 ** scale)];
}

describe("QueryMetric", () => {
  test("QueryMetric answers the lines of each service and set of attributes, the largest first", async () => {
    const { reader, send } = buildReader();
    send(
      "metrics",
      request({ data: gauge({ time: 0, value: 1, attributes: { b: "x", a: "y" } }, { time: 0, value: 9 }) }),
    );
    send("metrics", request({ service: "cart", data: gauge({ time: 0, value: 5 }) }));
    const answer = await ask(reader);
    assert.deepEqual(
      answer.series.map(({ drawn: { by, values } }) => [by, values]),
      [
        [[{ field: "service" }], ["shop"]],
        [[{ field: "service" }], ["cart"]],
        [
          [{ field: "service" }, { attribute: "a" }, { attribute: "b" }],
          ["shop", "y", "x"],
        ],
      ],
    );
  });

  test("QueryMetric counts more lines than the limit, and gives up the smaller of more than a thousand", async () => {
    const { reader, send } = buildReader({ maxItems: 5_000 });
    const points = Array.from({ length: 1_500 }, (_, i) => ({
      time: 0,
      value: i,
      attributes: { i: `${i}` },
    }));
    for (let i = 0; i < 2; i++)
      send("metrics", request({ data: gauge(...points.map((p) => ({ ...p, time: i }))) }));
    const answer = await reader.queryMetric({ name: "m", limit: 3 });
    assert.deepEqual(
      answer.series.map(({ drawn }) => drawn.values[1]),
      ["1499", "1498", "1497"],
    );
    assert.equal(answer.leftOutSeries, 1_497);
    assert.equal(answer.points + answer.leftOutPoints, 3_000);
    await assert.rejects(
      reader.queryMetric({ name: "m", limit: 101 }),
      /^ObsvtyError: limit: must be a whole number from 1 to 100$/,
    );
  });

  test("QueryMetric finds the largest of more than a thousand counters, of which the first data points tell nothing", async () => {
    const { reader, send } = buildReader({ maxItems: 5_000 });
    for (const time of [0, 10, 20]) {
      const points = Array.from({ length: 1_500 }, (_, i) => {
        return { start: -5_000, time, value: i * time, attributes: { i: `${i}` } };
      });
      send("metrics", request({ data: counter(...points) }));
    }
    const answer = await reader.queryMetric({ name: "m", limit: 3 });
    assert.deepEqual(
      answer.series.map(({ drawn }) => drawn.values[1]),
      ["1499", "1498", "1497"],
    );
    assert.equal(answer.leftOutSeries, 1_497);
  });

  test("QueryMetric answers lines without values behind those that have some", async () => {
    const { reader, send } = buildReader();
    const point = (i: string, time: number) => ({ start: -5_000, time, value: time, attributes: { i } });
    send("metrics", request({ data: counter(point("a", 0), point("b", 0), point("b", 10), point("c", 0)) }));
    const names = async (limit: number) => {
      const { series, leftOutSeries } = await reader.queryMetric({ name: "m", limit });
      return [...series.map(({ drawn }) => drawn.values[1]), leftOutSeries];
    };
    assert.deepEqual(await names(100), ["b", "a", "c", 0]);
    assert.deepEqual(await names(1), ["b", 2]);
  });

  test("QueryMetric answers of a long description and a long unit the beginning alone", async () => {
    const { reader, send } = buildReader();
    const unit = "u".repeat(100_000);
    send("metrics", request({ unit, description: unit, data: gauge({ time: 0, value: 1 }) }));
    const answer = await ask(reader);
    assert.deepEqual([answer.unit.length, answer.description.length], [1_027, 1_027]);
  });

  test("QueryMetric leaves out lines for which unit and description leave no room in max_bytes", async () => {
    const { reader, send } = buildReader({ sizeOf: () => 1_000 });
    const points = Array.from({ length: 5 }, (_, i) => ({ time: 0, value: 1, attributes: { i: `${i}` } }));
    const unit = "u".repeat(1_000);
    send("metrics", request({ unit, description: unit, data: gauge(...points) }));
    const answer = await reader.queryMetric({ name: "m", maxBytes: 5_500 });
    assert.deepEqual([answer.series.length, answer.leftOutSeries], [3, 2]);
  });

  test("QueryMetric's default step is a 300th of the window, rounded up to 1, 2 or 5, and begins at a multiple of itself", async () => {
    for (const [seconds, step] of [
      [0.01, 0.001],
      [299, 1],
      [301, 2],
      [1_000, 5],
      [3_600, 20],
      [86_000, 500],
    ] as const) {
      const { reader, send } = buildReader();
      send("metrics", request({ data: gauge({ time: 0.7, value: 1 }, { time: 0.7 + seconds, value: 1 }) }));
      const { steps } = await ask(reader);
      assert.equal(Number(steps!.stepNano) / 1e9, step);
      assert.equal(steps!.startUnixNano % steps!.stepNano, 0n);
      assert.ok(steps!.count <= 302, `${steps!.count}`);
    }
  });

  test("QueryMetric refuses a step that makes more than a thousand points, and one below a millisecond", async () => {
    const { reader, send } = buildReader();
    send("metrics", request({ data: gauge({ time: 0, value: 1 }, { time: 1_000, value: 1 }) }));
    await assert.rejects(
      ask(reader, { step: 0.5 }),
      /^ObsvtyError: step: makes 2001 points of this range of time/,
    );
    await assert.rejects(ask(reader, { step: 0.0005 }), /^ObsvtyError: step: must be at least 0.001s$/);
  });

  test("QueryMetric refuses a function that does not fit the metric, with those that do", async () => {
    for (const [data, refused, fitting] of [
      [
        gauge({ time: 0, value: 1 }),
        "rate",
        /^ObsvtyError: function: rate does not fit a gauge; use one of value, sum, avg$/,
      ],
      [counter({ time: 0, value: 1 }), "value", /does not fit a counter; use one of rate, increase$/],
      [
        sum(false, CUMULATIVE, { time: 0, value: 1 }),
        "p95",
        /does not fit a sum that is not monotonic; use one of value/,
      ],
      [
        histogram(DELTA, { start: 0, time: 1, counts: [1, 0, 0, 0, 0] }),
        "value",
        /does not fit a histogram; use one of p95/,
      ],
      [
        { case: "summary", value: { dataPoints: [{ timeUnixNano: at(0) }] } },
        "increase",
        /does not fit a summary; use one of avg/,
      ],
    ] as const) {
      const { reader, send } = buildReader();
      send("metrics", request({ data: data as Data }));
      await assert.rejects(ask(reader, { function: refused }), fitting);
    }
  });

  test("QueryMetric does not find a metric that is not held, and answers no lines of one of which nothing matches", async () => {
    const { reader, send } = buildReader();
    await assert.rejects(ask(reader), /^ObsvtyError: no data point of this metric is held$/);
    await assert.rejects(reader.queryMetric({ name: "" }), /^ObsvtyError: name: must be/);
    send("metrics", request({ data: gauge({ time: 0, value: 1 }) }));
    const { series, steps, type } = await ask(reader, { since: 100 });
    assert.deepEqual([series, steps, type], [[], undefined, "gauge"]);
    await assert.rejects(
      reader.queryMetric({ name: "m", filter: { name: "n" } }),
      /^ObsvtyError: filter.name: must be/,
    );
  });

  test("QueryMetric tells the newest of metrics of one name with several units or types, and counts the others", async () => {
    const { reader, send } = buildReader();
    send("metrics", request({ unit: "s", data: gauge({ time: 0, value: 1 }) }));
    send("metrics", request({ unit: "ms", data: gauge({ time: 0, value: 1_000 }) }));
    const answer = await ask(reader);
    assert.deepEqual([answer.unit, answer.points, answer.leftOutPoints], ["ms", 1, 1]);
  });

  test("QueryMetric has the ten largest exemplars of each step, each once", async () => {
    const { reader, send } = buildReader();
    const exemplars = Array.from({ length: 12 }, (_, i) => ({
      timeUnixNano: at(0),
      value: { case: "asInt" as const, value: BigInt(i) },
    }));
    const dataPoints = [0, 1].map((time) => ({ ...numbers([{ time, value: 1 }])[0]!, exemplars }));
    send("metrics", request({ data: { case: "gauge", value: { dataPoints } } }));
    const answer = await ask(reader, { step: 10 });
    const told = answer.series[0]!.drawn.exemplarsAt(0).map(({ value }) => Number(value));
    assert.deepEqual(
      told.toSorted((a, b) => a - b),
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    );
  });

  test("QueryMetric tells exemplars of steps without a value at the next step that has one", async () => {
    const { reader, send } = buildReader();
    const exemplars = Array.from({ length: 12 }, (_, i) => ({
      timeUnixNano: at(31 + i),
      value: { case: "asInt" as const, value: BigInt(i) },
    }));
    const { value } = histogram(DELTA, { start: 0, time: 60, counts: [0, 1, 0, 0, 0] });
    const dataPoints = (value as { dataPoints: object[] }).dataPoints.map((point) => ({
      ...point,
      exemplars,
    }));
    send(
      "metrics",
      request({ data: { case: "histogram", value: { aggregationTemporality: DELTA, dataPoints } } }),
    );
    const answer = await ask(reader, { step: 1, function: "p50" });
    const { drawn, steps } = answer.series[0]!;
    const told = Array.from({ length: steps.count }, (_, step) => step)
      .filter((step) => drawn.valueAt(step) !== undefined)
      .map((step) => drawn.exemplarsAt(step).map(({ value }) => Number(value)));
    assert.deepEqual(told, [[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]]);
  });

  test("QueryMetric refuses an answer for which there is no memory", async () => {
    const { reader, answers, send } = buildReader({ maxAnswerBytes: 100_000 });
    const points = Array.from({ length: 900 }, (_, i) => ({ time: 0, value: 1, attributes: { i: `${i}` } }));
    send("metrics", request({ data: gauge(...points) }));
    answers.open().take(1_000);
    await assert.rejects(ask(reader), /MAX_QUERY_BYTES/);
  });
});
