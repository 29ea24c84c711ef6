import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import { runHere, startOnTerminal } from "../support/cli.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

process.env.TZ = "UTC";

const startMs = Date.UTC(2026, 10, 23, 10);
const traceIds = ["a1", "b2", "c3"].map((digits) => digits.repeat(16));

async function sendSpan({ url }: TestServer, service: string, fields: object): Promise<void> {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: service } }] };
  const span = { traceId: traceIds[0], spanId: "d4".repeat(8), ...fields };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const headers = { "content-type": "application/json" };
  assert.equal((await fetch(`${url}/v1/traces`, { method: "POST", headers, body })).status, 200);
}

/** Three spans of the shop, one of which failed, and one of the cart; two log records, two data points. */
async function startFilled(t: TestContext): Promise<TestServer> {
  const server = await startObsvty(t);
  const nano = (ms: number) => `${BigInt(startMs + ms) * 1_000_000n}`;
  const span = (i: number, name: string, took: number, code = 0) => ({
    traceId: traceIds[i % 3],
    spanId: `${i + 1}`.repeat(16),
    parentSpanId: i === 3 ? "1".repeat(16) : "",
    name,
    kind: 2,
    startTimeUnixNano: nano(i * 1_000),
    endTimeUnixNano: nano(i * 1_000 + took),
    status: { code },
    attributes: [{ key: "http.route", value: { stringValue: `/${i % 2}` } }],
  });
  const resource = (service: string) => ({
    attributes: [{ key: "service.name", value: { stringValue: service } }],
  });
  const shop = { resource: resource("shop") };
  const spans = [span(0, "GET /", 10), span(1, "GET /", 30, 2), span(2, "GET /", 20)];
  const logRecords = [
    { timeUnixNano: nano(0), severityNumber: 9 },
    { timeUnixNano: nano(500), severityNumber: 17 },
  ];
  const dataPoints = [
    { timeUnixNano: nano(0), asInt: "1" },
    { timeUnixNano: nano(9_000), asInt: "2" },
  ];
  const metrics = [{ name: "orders", sum: { dataPoints } }];
  for (const [path, body] of [
    ["traces", { resourceSpans: [{ ...shop, scopeSpans: [{ spans }] }] }],
    [
      "traces",
      { resourceSpans: [{ resource: resource("cart"), scopeSpans: [{ spans: [span(3, "add", 5)] }] }] },
    ],
    ["logs", { resourceLogs: [{ ...shop, scopeLogs: [{ logRecords }] }] }],
    ["metrics", { resourceMetrics: [{ ...shop, scopeMetrics: [{ metrics }] }] }],
  ] as const) {
    const headers = { "content-type": "application/json" };
    const reply = await fetch(`${server.url}/v1/${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    assert.deepEqual(await reply.json(), {});
  }
  return server;
}

describe("SummarizeSpans", () => {
  test("SummarizeSpans answers in JSON the figures of each group, the largest first", async (t) => {
    const server = await startFilled(t);
    const { spans } = await query(server, "SearchSpans");
    const { groups, ...rest } = await query(server, "SummarizeSpans", { groupBy: ["service", "kind"] });
    const [shop, cart] = groups;
    const { rate, p50, p90, p95, p99, ...counted } = shop;
    assert.deepEqual(counted, {
      group: { service: "shop", kind: "SPAN_KIND_SERVER" },
      count: 3,
      errorCount: 1,
      max: "0.030s",
      cursor: spans[2].cursor,
      slowestTraceId: traceIds[1],
      newestErrorTraceId: traceIds[1],
    });
    assert.ok(Math.abs(rate - 1) < 0.01, String(rate));
    assert.ok(Math.abs(Number.parseFloat(p50) - 0.02) <= 0.0004, p50);
    for (const percentile of [p90, p95, p99])
      assert.ok(Math.abs(Number.parseFloat(percentile) - 0.03) <= 0.0006);
    assert.deepEqual(
      [cart.group, cart.count, cart.newestErrorTraceId],
      [{ service: "cart", kind: "SPAN_KIND_SERVER" }, 1, ""],
    );
    assert.deepEqual(rest, {
      matched: 4,
      leftOutGroups: 0,
      leftOut: 0,
      startTime: "2026-11-23T10:00:00Z",
      endTime: "2026-11-23T10:00:03.000000001Z",
      cursor: rest.cursor,
      unreadable: "0",
    });
  });

  test("SummarizeSpans without groups, with a window of time and with nothing that matches", async (t) => {
    const server = await startFilled(t);
    const filter = { since: "2026-11-23T10:00:00Z", until: "2026-11-23T10:00:02Z" };
    const window = await query(server, "SummarizeSpans", { filter });
    assert.deepEqual([window.groups.length, window.groups[0].count, window.groups[0].rate], [1, 2, 1]);
    assert.deepEqual([window.startTime, window.endTime], [filter.since, filter.until]);
    const none = await query(server, "SummarizeSpans", { filter: { service: "nobody" } });
    assert.deepEqual([none.groups, none.matched, "startTime" in none], [[], 0, false]);
  });

  test("SummarizeSpans tells no rate of spans that all started at the same time", async (t) => {
    const server = await startFilled(t);
    const { groups, startTime } = await query(server, "SummarizeSpans", { filter: { service: "cart" } });
    assert.deepEqual([groups[0].count, "rate" in groups[0]], [1, false]);
    assert.equal(startTime, "2026-11-23T10:00:03Z");
    const { stdout } = await runHere(server, ["top", "--service", "cart", "--text"]);
    assert.match(stdout, /^add {2}cart +1 +- /m);
  });

  test("SummarizeSpans groups by an attribute, also over gRPC; spans without it are one group", async (t) => {
    const server = await startFilled(t);
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    const groupBy = ["attributes.http.route", "attributes.none"];
    const { groups, matched } = await client.summarizeSpans({ groupBy, filter: { service: "shop" } });
    assert.equal(matched, 3);
    assert.deepEqual(
      groups.map(({ group, count, errorCount }) => [
        group["attributes.http.route"],
        group["attributes.none"],
        count,
        errorCount,
      ]),
      [
        ["/0", "", 2, 0],
        ["/1", "", 1, 1],
      ],
    );
  });

  for (const [request, message] of [
    [{ groupBy: ["servce"] }, "groupBy[0]: must be one of service, name, kind, status, attributes.KEY"],
    [{ groupBy: ["name", "name"] }, "groupBy[1]: must not be given twice"],
    [{ groupBy: ["a", "b", "c", "d", "e"] }, "groupBy: at most 4 are allowed"],
    [{ limit: 10_001 }, "limit: must be a whole number from 1 to 10000"],
    [{ filter: { traceId: "x" } }, "filter.traceId: a trace id is 32 hex digits"],
  ] as const) {
    test(`SummarizeSpans refuses ${JSON.stringify(request)}`, async (t) => {
      const server = await startObsvty(t);
      await assert.rejects(query(server, "SummarizeSpans", request), (error: Error) =>
        error.message.includes(message),
      );
    });
  }
});

describe("CountOverTime", () => {
  test("CountOverTime answers in JSON how many items there are in each step", async (t) => {
    const server = await startFilled(t);
    const { cursor, ...spans } = await query(server, "CountOverTime", {
      spans: {},
      groupBy: ["service"],
      buckets: 4,
    });
    assert.deepEqual(spans, {
      groups: [
        { group: { service: "shop" }, count: 3, counts: [1, 1, 1, 0] },
        { group: { service: "cart" }, count: 1, counts: [0, 0, 0, 1] },
      ],
      startTime: "2026-11-23T10:00:00Z",
      step: "1s",
      buckets: 4,
      matched: 4,
      untimed: 0,
      leftOutGroups: 0,
      leftOut: 0,
      unreadable: "0",
    });
    const logs = await query(server, "CountOverTime", { logs: {}, groupBy: ["severity"], buckets: 1 });
    assert.deepEqual(
      logs.groups.map(({ group, count }: { group: object; count: number }) => [group, count]),
      [
        [{ severity: "SEVERITY_NUMBER_ERROR" }, 1],
        [{ severity: "SEVERITY_NUMBER_INFO" }, 1],
      ].toReversed(),
    );
    const metrics = await query(server, "CountOverTime", {
      metrics: {},
      groupBy: ["type", "name"],
      buckets: 500,
    });
    assert.deepEqual(metrics.groups[0].group, { type: "METRIC_TYPE_SUM", name: "orders" });
    assert.deepEqual([metrics.step, metrics.buckets], ["0.020s", 451]);
  });

  for (const [request, message] of [
    [{}, "spans, logs or metrics: one must be set, {} for all of them"],
    [{ logs: {}, groupBy: ["kind"] }, "groupBy[0]: must be one of service, severity, attributes.KEY"],
    [{ metrics: {}, buckets: 501 }, "buckets: must be a whole number from 1 to 500"],
    [{ spans: { name: "a", servce: "" } }, "spans.servce: no such field"],
  ] as const) {
    test(`CountOverTime refuses ${JSON.stringify(request)}`, async (t) => {
      const server = await startObsvty(t);
      await assert.rejects(query(server, "CountOverTime", request), (error: Error) =>
        error.message.includes(message),
      );
    });
  }
});

describe("GetTraceOutline, and GetTrace of some spans", () => {
  const outlined = traceIds[0]!;

  test("GetTraceOutline answers in JSON and over gRPC", async (t) => {
    const server = await startFilled(t);
    const { cursor, ...outline } = await query(server, "GetTraceOutline", {
      traceId: outlined.toUpperCase(),
    });
    assert.deepEqual(outline, {
      spans: [
        {
          spanId: "1".repeat(16),
          parentSpanId: "",
          depth: 0,
          name: "GET /",
          service: "shop",
          kind: "SPAN_KIND_SERVER",
          failed: false,
          start: "0s",
          duration: "0.010s",
          self: "0.010s",
          critical: "0.010s",
        },
        {
          spanId: "4".repeat(16),
          parentSpanId: "1".repeat(16),
          depth: 1,
          name: "add",
          service: "cart",
          kind: "SPAN_KIND_SERVER",
          failed: false,
          start: "3s",
          duration: "0.005s",
          self: "0.005s",
        },
      ],
      spanCount: 2,
      errorCount: 0,
      startTime: "2026-11-23T10:00:00Z",
      duration: "3.005s",
      leftOut: 0,
      unreadable: "0",
    });
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    const { spans, leftOut } = await client.getTraceOutline({ traceId: outlined, maxBytes: 1 });
    assert.deepEqual([spans.map(({ name }) => name), leftOut], [["GET /"], 1]);
    await assert.rejects(client.getTraceOutline({ traceId: "ff".repeat(16) }), /not_found/);
    await assert.rejects(client.getTraceOutline({ traceId: "ff" }), /trace_id: a trace id is 32 hex digits/);
  });

  test("GetTrace answers only the spans that are asked for", async (t) => {
    const server = await startFilled(t);
    const ask = (spanIds: string[]) => query(server, "GetTrace", { traceId: outlined, spanIds });
    const { spans } = await ask(["4".repeat(16), "9".repeat(16)]);
    assert.deepEqual(
      spans.map(({ name }: { name: string }) => name),
      ["add"],
    );
    for (const [spanIds, message] of [
      [["9".repeat(16)], "none of these spans of trace"],
      [["x"], "spanIds[0]: a span id is 16 hex digits"],
      [Array.from({ length: 1_001 }, () => "1".repeat(16)), "spanIds: at most 1,000 are allowed"],
    ] as const) {
      await assert.rejects(ask([...spanIds]), (error: Error) => error.message.includes(message));
    }
  });

  test("obsvty trace --outline prints the tree with own and critical times", async (t) => {
    const server = await startFilled(t);
    const { code, stdout, stderr } = await runHere(server, [
      "trace",
      outlined.slice(0, 6),
      "--outline",
      "--text",
    ]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(stdout.split("\n"), [
      `${outlined}  2026-11-23 10:00:00.000  3 s  2 spans`,
      "duration   self  critical  span",
      "   10 ms  10 ms     10 ms  GET /  shop",
      "    5 ms   5 ms              add  cart",
      "",
    ]);
    const json = await runHere(server, ["trace", outlined, "--outline"]);
    const { spans } = await query(server, "GetTraceOutline", { traceId: outlined });
    assert.equal(json.stdout, spans.map((span: object) => `${JSON.stringify(span)}\n`).join(""));
  });
});

describe("GetServiceGraph", () => {
  test("GetServiceGraph answers in JSON and over gRPC which service calls which", async (t) => {
    const server = await startFilled(t);
    const { cursor, ...answer } = await query(server, "GetServiceGraph");
    const [calls] = answer.calls;
    assert.ok(Math.abs(Number.parseFloat(calls.p50) - 0.005) <= 0.0001, calls.p50);
    const [p50, p90, p95, p99] = [calls.p50, calls.p90, calls.p95, calls.p99];
    const pair = { caller: "shop", callee: "cart", peer: false, messaging: false, calls: 1, errorCount: 0 };
    assert.deepEqual(answer, {
      calls: [{ ...pair, p50, p90, p95, p99, max: "0.005s" }],
      services: [
        { name: "cart", spanCount: 1 },
        { name: "shop", spanCount: 3 },
      ],
      leftOutPairs: 0,
      leftOut: 0,
      notLookedAt: 0,
      unreadable: "0",
    });
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    assert.equal((await client.getServiceGraph({ filter: { service: "cart" } })).calls[0]?.callee, "cart");
    await assert.rejects(client.getServiceGraph({ limit: 10_001 }), /limit: must be a whole number/);
  });

  test("obsvty graph prints a line for each pair of services", async (t) => {
    const server = await startFilled(t);
    const { code, stdout, stderr } = await runHere(server, ["graph", "--text"]);
    assert.deepEqual([code, stderr], [0, ""]);
    const [headings, pair, ...rest] = stdout.split("\n");
    assert.match(headings!, /^ +calls +errors +p50 +p95 +max$/);
    assert.match(pair!, /^shop → cart +1 +(?:\d[\d.]* ms +){2}5 ms$/);
    assert.deepEqual(rest, [""]);
    const json = await runHere(server, ["graph"]);
    const { calls } = await query(server, "GetServiceGraph");
    assert.equal(json.stdout, calls.map((each: object) => `${JSON.stringify(each)}\n`).join(""));
    const none = await runHere(server, ["graph", "--service", "nobody", "--text"]);
    assert.equal(none.stdout, "no calls\n");
  });
});

describe("ListAttributes and ListMetrics", () => {
  test("ListAttributes answers keys and their values in JSON", async (t) => {
    const server = await startFilled(t);
    const { cursor, ...answer } = await query(server, "ListAttributes", { spans: {}, prefix: "http." });
    assert.deepEqual(answer, {
      attributes: [
        {
          key: "http.route",
          count: 4,
          values: [
            { value: "/0", count: 2 },
            { value: "/1", count: 2 },
          ],
          distinctValues: 2,
        },
      ],
      lookedAt: 4,
      whole: true,
      leftOut: 0,
      unreadable: "0",
    });
    const client = createClient(QueryService, createGrpcTransport({ baseUrl: server.url }));
    const logs = await client.listAttributes({ filter: { case: "logs", value: {} } });
    assert.deepEqual(
      logs.attributes.map(({ key, count }) => [key, count]),
      [["service.name", 2]],
    );
    await assert.rejects(client.listAttributes({}), /spans, logs or metrics: one must be set/);
    await assert.rejects(
      client.listMetrics({ limit: 10_001 }),
      /limit: must be a whole number from 1 to 10000/,
    );
  });

  test("ListMetrics answers metrics in JSON", async (t) => {
    const server = await startFilled(t);
    const { cursor, ...answer } = await query(server, "ListMetrics");
    assert.deepEqual(answer, {
      metrics: [
        {
          name: "orders",
          type: "METRIC_TYPE_SUM",
          unit: "",
          description: "",
          services: ["shop"],
          points: 2,
          series: 1,
          newestTime: "2026-11-23T10:00:09Z",
        },
      ],
      leftOut: 0,
      unreadable: "0",
    });
  });

  test("obsvty attributes and metrics print lines for people", async (t) => {
    const server = await startFilled(t);
    const attributes = await runHere(server, ["attributes", "spans", "--text", "--values", "1"]);
    assert.deepEqual([attributes.code, attributes.stderr], [0, ""]);
    assert.equal(
      attributes.stdout,
      "http.route    4  /0  ×2  and 1 more\nservice.name  4  shop  ×3  and 1 more\n",
    );
    const few = await runHere(server, ["attributes", "spans", "--text", "--limit", "1", "--max-items", "3"]);
    assert.equal(
      few.stderr,
      "obsvty: of the newest 3 spans that match; --max-items looks at more\nobsvty: left out 1 key; set --limit for more\n",
    );
    const metrics = await runHere(server, ["metrics", "--text"]);
    const [headings, orders] = metrics.stdout.split("\n");
    assert.match(headings!, /^ +type +unit +series +points +newest$/);
    assert.match(orders!, /^orders {2}shop +sum +1 +2 {2}2026-11-23 10:00:09\.000$/);
  });
});

describe("on the command line", () => {
  test("obsvty top prints a table, once when it is piped", async (t) => {
    const server = await startFilled(t);
    const { code, stdout, stderr } = await runHere(server, ["top", "--text"]);
    assert.deepEqual([code, stderr], [0, ""]);
    const [headings, shop, cart, ...rest] = stdout.split("\n");
    assert.match(headings!, /^ +spans +\/s +errors +p50 +p90 +p95 +p99 +max$/);
    assert.match(shop!, /^GET \/ {2}shop +3 +1\.00 +1 +20(\.\d)? ms .* 30 ms$/);
    assert.match(cart!, /^add {2}cart +1 +0\.33 +5 ms /);
    assert.deepEqual(rest, [""]);
  });

  test("obsvty top fits into 80 columns and says what it leaves out", async (t) => {
    const server = await startFilled(t);
    const { stdout, stderr } = await runHere(server, ["top", "--once", "--limit", "1"], { columns: 80 });
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
    assert.match(stdout, /spans +\/s +errors +p50 +p90 +p95 +p99 +max\n/);
    assert.equal(stderr, "obsvty: left out 1 group with 1 span; set --limit for more\n");
  });

  test("obsvty top leaves out figures before it cuts names, says which, and cuts the service before the name", async (t) => {
    const server = await startObsvty(t);
    const name = "GET /orders/{id}/items";
    const times = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428000123450000" };
    await sendSpan(server, "a-service-with-a-long-name.in-production", { name, ...times });
    const { stdout, stderr } = await runHere(server, ["top", "--once"], { columns: 80 });
    assert.match(stdout, /^GET \/orders\/\{id\}\/items {2}a-service-w.*… +1/m);
    assert.match(stdout, /spans +errors +p50 +p95 +max\n/);
    assert.equal(stderr, "obsvty: no room in 80 columns for /s, p90, p99\n");
    for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
    const sorted = await runHere(server, ["top", "--once", "--sort", "p99"], { columns: 80 });
    assert.match(sorted.stdout, /p99/);
  });

  test("obsvty top sorts by each of its figures, of all groups, and counts those that are left out", async (t) => {
    const server = await startFilled(t);
    const order = async (sort: string) => {
      const { stdout } = await runHere(server, ["top", "--json", "--sort", sort]);
      return stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).group.name);
    };
    for (const sort of ["count", "errors", "rate", "p50", "p90", "p95", "p99", "max"]) {
      assert.deepEqual(await order(sort), ["GET /", "add"], sort);
    }
    const times = { startTimeUnixNano: "1795428000000000000", endTimeUnixNano: "1795428000900000000" };
    await sendSpan(server, "shop", { name: "slow", ...times });
    assert.deepEqual(await order("count"), ["GET /", "add", "slow"]);
    assert.deepEqual(await order("max"), ["slow", "GET /", "add"]);
    const { stdout, stderr } = await runHere(server, ["top", "--text", "--sort", "p99", "--limit", "1"]);
    assert.match(stdout, /^slow /m);
    assert.equal(stderr, "obsvty: left out 2 groups with 4 spans; set --limit for more\n");
  });

  test("obsvty top shows new figures on a terminal until Ctrl-C", async (t) => {
    const server = await startFilled(t);
    const { pty, shown, screen, ended } = startOnTerminal(t, server, ["top", "--interval", "50ms"]);
    await shown(/4 spans in 3 s/);
    await shown(/\[4A/);
    pty.write("\x03");
    assert.equal((await ended).exitCode, 130, screen());
  });

  test("obsvty top and count name the flag of a wrong argument", async (t) => {
    const server = await startObsvty(t);
    for (const [args, message] of [
      [
        ["top", "--group-by", "servce"],
        "--group-by: must be one of service, name, kind, status, attributes.KEY",
      ],
      [["count", "logs", "--buckets", "501"], "--buckets: must be a whole number from 1 to 500"],
      [
        ["top", "--interval", "soon"],
        '--interval: "soon" is not allowed, it must be a duration like 250us, 10ms, 1.5s, 2m or 1h30m',
      ],
      [["count", "traces"], "unknown command 'traces', it must be one of spans, logs, metrics"],
    ] as const) {
      const { code, stderr } = await runHere(server, args);
      assert.deepEqual([code, stderr], [2, `obsvty: ${message}\n`]);
    }
  });

  test("obsvty count prints a histogram of each group", async (t) => {
    const server = await startFilled(t);
    const { code, stdout } = await runHere(server, [
      "count",
      "spans",
      "--buckets",
      "4",
      "--group-by",
      "service",
      "--text",
    ]);
    assert.equal(code, 0);
    const bar = "━".repeat(40);
    assert.deepEqual(stdout.replace(/2026-11-23 /g, "").split("\n"), [
      "shop  3",
      `10:00:00.000  1  ${bar}`,
      `10:00:01.000  1  ${bar}`,
      `10:00:02.000  1  ${bar}`,
      "10:00:03.000  0",
      "",
      "cart  1",
      "10:00:00.000  0",
      "10:00:01.000  0",
      "10:00:02.000  0",
      `10:00:03.000  1  ${bar}`,
      "",
    ]);
    const none = await runHere(server, ["count", "spans", "--name", "nothing", "--text"]);
    assert.equal(none.stdout, "nothing matched\n");
  });

  test("A histogram that begins at the epoch, or of items without a time, is not taken for none", async (t) => {
    const server = await startFilled(t);
    const logRecords = [
      { timeUnixNano: "1", body: { stringValue: "early" } },
      { timeUnixNano: "2500000000", body: { stringValue: "early" } },
      { body: { stringValue: "untimed" } },
    ];
    await fetch(`${server.url}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    });
    const early = await query(server, "CountOverTime", { logs: { bodyContains: "early" }, buckets: 3 });
    assert.deepEqual([early.startTime, early.groups[0].counts], ["1970-01-01T00:00:00Z", [1, 0, 1]]);
    const count = async (text: string) =>
      (await runHere(server, ["count", "logs", "--body-contains", text, "--text"])).stdout;
    assert.match(await count("early"), /^1970-01-01 00:00:00\.000 {2}1 {2}━{40}\n/);
    assert.equal(await count("untimed"), "1 matched\n");
  });

  test("obsvty count prints the API's answer as JSON", async (t) => {
    const server = await startFilled(t);
    const { stdout } = await runHere(server, ["count", "logs", "--group-by", "severity"]);
    const answer = await query(server, "CountOverTime", { logs: {}, buckets: 60, groupBy: ["severity"] });
    assert.deepEqual(JSON.parse(stdout), answer);
  });
});
