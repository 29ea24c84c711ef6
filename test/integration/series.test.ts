import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import { runHere } from "../support/cli.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

process.env.TZ = "UTC";

const startMs = Date.UTC(2026, 10, 23, 10);
const nano = (seconds: number) => `${BigInt(startMs + seconds * 1_000) * 1_000_000n}`;
const traceId = "a1".repeat(16);

/** A counter of the shop with two outcomes, a histogram and a gauge. */
async function startFilled(t: TestContext): Promise<TestServer> {
  const server = await startObsvty(t);
  const times = (seconds: number) => ({ startTimeUnixNano: nano(0), timeUnixNano: nano(seconds) });
  const outcome = (stringValue: string) => ({ attributes: [{ key: "outcome", value: { stringValue } }] });
  const exemplar = { timeUnixNano: nano(12), asDouble: 4, traceId, spanId: "b2".repeat(8) };
  const metrics = [
    {
      name: "orders",
      unit: "{order}",
      description: "Orders placed",
      sum: {
        isMonotonic: true,
        aggregationTemporality: 2,
        dataPoints: [
          { ...times(10), asInt: "10", ...outcome("paid") },
          { ...times(20), asInt: "40", ...outcome("paid") },
          { ...times(20), asInt: "5", ...outcome("declined") },
        ],
      },
    },
    {
      name: "took",
      unit: "s",
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          { ...times(10), count: "10", sum: 5, explicitBounds: [1, 5], bucketCounts: ["10", "0", "0"] },
          {
            ...times(20),
            count: "20",
            sum: 35,
            explicitBounds: [1, 5],
            bucketCounts: ["10", "10", "0"],
            exemplars: [exemplar],
          },
        ],
      },
    },
    { name: "temperature", gauge: { dataPoints: [{ timeUnixNano: nano(5), asDouble: 21.5 }] } },
  ];
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  const reply = await fetch(`${server.url}/v1/metrics`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }),
  });
  assert.deepEqual(await reply.json(), {});
  return server;
}

describe("QueryMetric", () => {
  test("QueryMetric answers in JSON the lines of a counter, the largest first", async (t) => {
    const server = await startFilled(t);
    const answer = await query(server, "QueryMetric", { name: "orders", step: "10s" });
    const point = (second: string, value: number) => ({
      time: `2026-11-23T10:00:${second}Z`,
      value,
      exemplars: [],
    });
    assert.deepEqual(answer, {
      series: [
        {
          group: { service: "shop", "attributes.outcome": "paid" },
          points: [point("00", 1), point("10", 3)],
        },
        {
          group: { service: "shop", "attributes.outcome": "declined" },
          points: [point("00", 0.25), point("10", 0.25)],
        },
      ],
      function: "rate",
      type: "METRIC_TYPE_SUM",
      monotonic: true,
      unit: "{order}",
      description: "Orders placed",
      startTime: "2026-11-23T10:00:00Z",
      step: "10s",
      steps: 3,
      points: 3,
      leftOutPoints: 0,
      leftOutSeries: 0,
      cursor: answer.cursor,
      unreadable: "0",
    });
  });

  test("QueryMetric over gRPC tells percentiles of a histogram, with their exemplars", async (t) => {
    const server = await startFilled(t);
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    const request = { name: "took", step: { seconds: 10n, nanos: 0 }, groupBy: ["service"] };
    const { series, function: told, unit } = await client.queryMetric(request);
    assert.deepEqual([told, unit, series.length, series[0]?.group], ["p95", "s", 1, { service: "shop" }]);
    const points = series[0]!.points;
    assert.deepEqual(
      points.map(({ value }) => value),
      [0.95, 4.8],
    );
    assert.deepEqual(
      points.map(({ exemplars }) => exemplars.map((exemplar) => [exemplar.traceId, exemplar.value.value])),
      [[[traceId, 4]], []],
    );
  });

  test("QueryMetric tells a gauge in a window of time, and nothing outside of it", async (t) => {
    const server = await startFilled(t);
    const window = { since: "2026-11-23T10:00:00Z", until: "2026-11-23T10:05:00Z" };
    const answer = await query(server, "QueryMetric", { name: "temperature", filter: window });
    assert.deepEqual([answer.step, answer.steps, answer.function], ["1s", 300, "value"]);
    assert.deepEqual(answer.series[0].points, [{ time: "2026-11-23T10:00:05Z", value: 21.5, exemplars: [] }]);
    const none = await query(server, "QueryMetric", { name: "temperature", filter: { service: "nobody" } });
    assert.deepEqual([none.series, none.steps, "startTime" in none], [[], 0, false]);
  });

  test("QueryMetric of a window from the epoch on says when its first step begins", async (t) => {
    const server = await startFilled(t);
    const filter = { since: "1970-01-01T00:00:00Z" };
    const answer = await query(server, "QueryMetric", { name: "temperature", filter, step: "100000000000s" });
    assert.equal(answer.startTime, "1970-01-01T00:00:00Z");
    assert.equal(answer.series[0].points[0].time, "1970-01-01T00:00:00Z");
  });

  for (const [request, message] of [
    [{ name: "nothing" }, "no data point of this metric is held"],
    [{}, "name: must be the name of a metric"],
    [{ name: "orders", function: "p95" }, "function: p95 does not fit a counter; use one of rate, increase"],
    [{ name: "orders", function: "median" }, "function: must be one of value, rate, increase"],
    [{ name: "orders", step: "-1s" }, "step: "],
    [{ name: "orders", step: "0.01s" }, "step: makes 2001 points of this range of time, at most 1000"],
    [{ name: "orders", limit: 101 }, "limit: must be a whole number from 1 to 100"],
    [{ name: "orders", groupBy: ["kind"] }, "groupBy[0]: must be one of service, name, type, attributes.KEY"],
    [{ name: "orders", filter: { name: "took" } }, "filter.name: must be the name of the metric, or absent"],
  ] as const) {
    test(`QueryMetric refuses ${JSON.stringify(request)}`, async (t) => {
      const server = await startFilled(t);
      await assert.rejects(query(server, "QueryMetric", request), (error: Error) =>
        error.message.includes(message),
      );
    });
  }
});

describe("obsvty query", () => {
  test("obsvty query prints a line for each series, or the API's JSON", async (t) => {
    const server = await startFilled(t);
    const words = ["query", "orders", "--step", "10s"];
    const { code, stdout, stderr } = await runHere(server, [...words, "--text"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(stdout.split("\n"), [
      "orders  rate order/s  2026-11-23 10:00:00.000  3 steps of 10 s",
      "                              min   max  newest",
      "shop  outcome=paid      ▁█      1     3       3",
      "shop  outcome=declined  ▅▅   0.25  0.25    0.25",
      "",
    ]);
    const json = await runHere(server, words);
    const answer = await query(server, "QueryMetric", { name: "orders", step: "10s" });
    assert.deepEqual(JSON.parse(json.stdout), answer);
  });

  test("obsvty query names flags and arguments in what it refuses, and says what it leaves out", async (t) => {
    const server = await startFilled(t);
    const refused = await runHere(server, ["query", "orders", "--function", "avg"]);
    assert.deepEqual(
      [refused.code, refused.stderr],
      [2, "obsvty: --function: avg does not fit a counter; use one of rate, increase\n"],
    );
    const empty = await runHere(server, ["query", ""]);
    assert.deepEqual([empty.code, empty.stderr], [2, "obsvty: <name>: must be the name of a metric\n"]);
    const few = await runHere(server, ["query", "orders", "--limit", "1"]);
    assert.deepEqual([few.code, few.stderr], [0, "obsvty: left out 1 series\n"]);
    const none = await runHere(server, ["query", "orders", "--service", "nobody", "--text"]);
    assert.equal(none.stdout, "nothing matched\n");
  });
});
