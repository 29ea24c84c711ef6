import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { ExportLogsServiceRequestSchema } from "../../../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportProfilesServiceRequestSchema } from "../../../../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { registerQueryService } from "../../../../../src/adapters/inbound/query-api/query-service.ts";
import type { Signal } from "../../../../../src/domain/signal.ts";
import { EventLoopTurns } from "../../../../../src/use-cases/event-loop-turns.ts";
import { Arrivals } from "../../../../../src/use-cases/ingest/arrivals.ts";
import { createIngest } from "../../../../../src/use-cases/ingest/ingest.ts";
import { IngestCounters } from "../../../../../src/use-cases/ingest/ingest-counters.ts";
import { Limits } from "../../../../../src/use-cases/limits.ts";
import { AnswerMemory } from "../../../../../src/use-cases/read/answer-memory.ts";
import { createReader } from "../../../../../src/use-cases/read/reader.ts";
import { createJsonCaller } from "../../../../support/connect-json.ts";
import { FakeStore } from "../../../../support/fake-store.ts";
import { ingestNow } from "../../../../support/ingest.ts";
import {
  baseUnixNano,
  makeLogRecord,
  makeLogsRequest,
  makeMetricsRequest,
  makeProfilesRequest,
  makeSpan,
  makeTraceRequest,
} from "../../../../support/otlp.ts";
import { makeAttributes } from "../../../../support/otlp-attributes.ts";

const traceIdHex = "5b8efff798038103d269b633813fc60c";
const spanIdHex = "eee19b7ec3c1b174";

describe("QueryService in JSON", () => {
  it("the API shows a span with all fields that are always present", async () => {
    const { call, send } = build();
    const request = makeTraceRequest({ count: 0 });
    request.resourceSpans[0]!.resource!.attributes = makeAttributes({ "service.name": "shop" });
    request.resourceSpans[0]!.scopeSpans[0]!.spans.push(
      makeSpan({
        traceId: Buffer.from(traceIdHex, "hex"),
        spanId: Buffer.from(spanIdHex, "hex"),
        flags: 0,
        attributes: makeAttributes({ "http.request.method": "GET", "http.response.status_code": 200 }),
        events: [{ timeUnixNano: baseUnixNano, name: "exception" }],
        status: { code: 2, message: "boom" },
      }),
    );
    send("traces", toBinary(ExportTraceServiceRequestSchema, request));
    const { status, body } = await call("SearchSpans", {});
    assert.equal(status, 200);
    const { cursor } = body as { cursor: string };
    assert.deepEqual(body, {
      spans: [
        {
          traceId: traceIdHex,
          spanId: spanIdHex,
          parentSpanId: "",
          name: "GET /cart",
          kind: "SPAN_KIND_SERVER",
          startTime: "2026-11-23T10:00:00.123456789Z",
          endTime: "2026-11-23T10:00:00.124956789Z",
          duration: "0.001500s",
          attributes: { "http.request.method": "GET", "http.response.status_code": 200 },
          events: [{ time: "2026-11-23T10:00:00.123456789Z", name: "exception", attributes: {} }],
          links: [],
          status: { code: "STATUS_CODE_ERROR", message: "boom" },
          service: "shop",
          resource: { "service.name": "shop" },
          scope: { name: "http", version: "1.0" },
          cursor,
        },
      ],
      cursor,
      previous: "",
      missed: "0",
      unreadable: "0",
    });
    const { spans } = body as { spans: unknown };
    assert.deepEqual(await call("GetTrace", { traceId: traceIdHex.toUpperCase() }), {
      status: 200,
      body: { spans, cursor, missed: "0", unreadable: "0" },
    });
  });

  it("the API shows all that a span has, and no time that is not known", async () => {
    const { call, send } = build();
    const request = makeTraceRequest({ count: 0 });
    request.resourceSpans[0]!.scopeSpans[0]!.spans.push(
      makeSpan({
        parentSpanId: Buffer.from(spanIdHex, "hex"),
        kind: 99 as never,
        startTimeUnixNano: 0n,
        traceState: "a=b",
        flags: 257,
        droppedAttributesCount: 1,
        droppedEventsCount: 2,
        droppedLinksCount: 3,
        events: [{ droppedAttributesCount: 4 }],
        links: [
          {
            traceId: Buffer.from(traceIdHex, "hex"),
            spanId: Buffer.from(spanIdHex, "hex"),
            traceState: "c=d",
            flags: 1,
            droppedAttributesCount: 5,
            attributes: makeAttributes({ big: 2n ** 60n }),
          },
        ],
      }),
      makeSpan({ startTimeUnixNano: 5_000_000_000n, endTimeUnixNano: 3_500_000_000n }),
    );
    send("traces", toBinary(ExportTraceServiceRequestSchema, request));
    const { body } = await call("SearchSpans", {});
    const [span, backwards] = (body as { spans: Record<string, unknown>[] }).spans;
    assert.equal(span!.kind, 99);
    assert.equal(span!.parentSpanId, spanIdHex);
    assert.ok(!("startTime" in span!) && !("duration" in span!));
    assert.deepEqual(
      [span!.traceState, span!.flags, span!.droppedAttributesCount, span!.droppedEventsCount],
      ["a=b", 257, 1, 2],
    );
    assert.equal(span!.droppedLinksCount, 3);
    assert.deepEqual(span!.events, [{ name: "", attributes: {}, droppedAttributesCount: 4 }]);
    assert.deepEqual(span!.links, [
      {
        traceId: traceIdHex,
        spanId: spanIdHex,
        attributes: { big: "1152921504606846976" },
        traceState: "c=d",
        flags: 1,
        droppedAttributesCount: 5,
      },
    ]);
    assert.equal(backwards!.duration, "-1.500s");
  });

  it("the API leaves out details of resource, scope and metric that are empty, and shows others", async () => {
    const { call, send } = build();
    const request = makeMetricsRequest({ count: 1 });
    const [resourceMetrics] = request.resourceMetrics;
    const [scopeMetrics] = resourceMetrics!.scopeMetrics;
    send("metrics", toBinary(ExportMetricsServiceRequestSchema, request));
    resourceMetrics!.schemaUrl = "https://example.com/resource";
    Object.assign(resourceMetrics!.resource!, { droppedAttributesCount: 1 });
    scopeMetrics!.schemaUrl = "https://example.com/scope";
    scopeMetrics!.scope!.attributes = makeAttributes({ pool: "a" });
    scopeMetrics!.metrics[0]!.metadata = makeAttributes({ owner: "shop" });
    send("metrics", toBinary(ExportMetricsServiceRequestSchema, request));
    const { body } = await call("SearchMetrics", {});
    const [bare, full] = (body as { metrics: Record<string, unknown>[] }).metrics;
    assert.ok(!("resourceDetails" in bare!) && !("metadata" in bare!) && !("flags" in bare!));
    assert.deepEqual(bare!.scope, { name: "http", version: "1.0" });
    assert.deepEqual(full!.resourceDetails, {
      schemaUrl: "https://example.com/resource",
      droppedAttributesCount: 1,
      entityRefs: [],
    });
    assert.deepEqual(full!.scope, {
      name: "http",
      version: "1.0",
      attributes: { pool: "a" },
      schemaUrl: "https://example.com/scope",
    });
    assert.deepEqual(full!.metadata, { owner: "shop" });
  });

  it("the API shows log records, with a body only when there is one", async () => {
    const { call, send } = build();
    const request = makeLogsRequest({ count: 0 });
    const bodies = [
      { case: "stringValue", value: "text" },
      { case: "intValue", value: 7n },
      { case: "kvlistValue", value: { values: makeAttributes({ __proto: 1, a: true }) } },
      { case: undefined },
    ] as const;
    const records = request.resourceLogs[0]!.scopeLogs[0]!.logRecords;
    records.push(...bodies.map((value) => makeLogRecord({ body: { value } })));
    records.push(makeLogRecord({ severityNumber: 17, traceId: new Uint8Array(), timeUnixNano: 0n }));
    delete records.at(-1)!.body;
    send("logs", toBinary(ExportLogsServiceRequestSchema, request));
    const { body } = await call("SearchLogs", {});
    const { logs } = body as { logs: Record<string, unknown>[] };
    assert.deepEqual(
      logs.map((log) => log.body),
      ["text", 7, { __proto: 1, a: true }, null, undefined],
    );
    const { cursor, spanId, attributes, resource, ...last } = logs.at(-1)!;
    assert.deepEqual(last, {
      observedTime: "2026-11-23T10:00:00.124456789Z",
      severity: "SEVERITY_NUMBER_ERROR",
      severityText: "INFO",
      eventName: "",
      traceId: "",
      service: "shop",
      scope: { name: "http", version: "1.0" },
      flags: 1,
    });
  });

  it("the API shows data points of every type", async () => {
    const { call, send } = build();
    send("metrics", toBinary(ExportMetricsServiceRequestSchema, makeMetricsRequest({ count: 5 })));
    const { body } = await call("SearchMetrics", {});
    const { metrics } = body as { metrics: Record<string, unknown>[] };
    assert.deepEqual(
      metrics.map(({ type }) => type),
      [
        "METRIC_TYPE_SUM",
        "METRIC_TYPE_GAUGE",
        "METRIC_TYPE_HISTOGRAM",
        "METRIC_TYPE_EXPONENTIAL_HISTOGRAM",
        "METRIC_TYPE_SUMMARY",
      ],
    );
    const [sum, gauge, histogram, exponential, summary] = metrics;
    assert.match(String(sum!.intValue), /^\d+$/);
    assert.equal(typeof sum!.intValue, "string");
    assert.deepEqual(
      [sum!.temporality, sum!.monotonic, sum!.exemplars],
      ["AGGREGATION_TEMPORALITY_CUMULATIVE", true, []],
    );
    assert.equal(typeof gauge!.doubleValue, "number");
    assert.deepEqual(Object.keys(histogram!.histogram as object), [
      "count",
      "sum",
      "min",
      "max",
      "bounds",
      "bucketCounts",
    ]);
    assert.equal((histogram!.exemplars as unknown[]).length, 1);
    assert.deepEqual((exponential!.exponentialHistogram as Record<string, unknown>).negative, {
      offset: 0,
      bucketCounts: [],
    });
    assert.deepEqual(
      (summary!.summary as { quantiles: { quantile: number }[] }).quantiles.map(({ quantile }) => quantile),
      [0, 0.5, 0.99, 1],
    );
  });

  it("the API finds by every field of a filter, in the names of protobuf and of JSON", async () => {
    const { call, send } = build();
    send("traces", toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count: 20 })));
    send("logs", toBinary(ExportLogsServiceRequestSchema, makeLogsRequest({ count: 20 })));
    send("metrics", toBinary(ExportMetricsServiceRequestSchema, makeMetricsRequest({ count: 20 })));
    const { body } = await call("SearchSpans", { limit: 1 });
    const [span] = (body as { spans: Record<string, string>[] }).spans;
    const { traceId, name } = span!;
    for (const [method, list, filter, expected] of [
      ["SearchSpans", "spans", { trace_id: traceId!.toUpperCase() }, 10],
      ["SearchSpans", "spans", { traceId, name, service: "shop", kind: span!.kind! }, undefined],
      ["SearchSpans", "spans", { status_code: "STATUS_CODE_ERROR" }, 2],
      ["SearchSpans", "spans", { statusCode: 2, attributes: { "http.response.status_code": "500" } }, 2],
      ["SearchSpans", "spans", { statusCode: 0 }, 18],
      ["SearchSpans", "spans", { min_duration: "3600s" }, 0],
      ["SearchSpans", "spans", { maxDuration: "3600s", minDuration: "0.0001s" }, 20],
      ["SearchSpans", "spans", { since: "2026-11-23T10:00:00.133456789Z" }, 10],
      ["SearchSpans", "spans", { until: "2026-11-23T10:00:00.133456789Z" }, 10],
      ["SearchSpans", "spans", { since: "1969-01-01T00:00:00Z", until: "9999-12-31T23:59:59Z" }, 20],
      ["SearchLogs", "logs", { min_severity: "SEVERITY_NUMBER_WARN" }, 8],
      ["SearchLogs", "logs", { bodyContains: "was placed" }, 15],
      ["SearchLogs", "logs", { body_contains: '"order.id":' }, 5],
      ["SearchSpans", "spans", { nameContains: name!.slice(1).toUpperCase() }, undefined],
      ["SearchSpans", "spans", { name_contains: "Http.Response" }, 0],
      ["SearchSpans", "spans", { text_contains: "Http.Response" }, 20],
      ["SearchLogs", "logs", { textContains: "WAS PLACED" }, 15],
      ["SearchMetrics", "metrics", { nameContains: "RPC.lat" }, 4],
      ["SearchMetrics", "metrics", { textContains: "WEB-1" }, 20],
      ["SearchMetrics", "metrics", { type: "METRIC_TYPE_GAUGE" }, 4],
      ["SearchMetrics", "metrics", { name: "rpc.latency", attributes: { "host.name": "web-1" } }, 4],
      ["SearchMetrics", "metrics", { service: "nobody" }, 0],
    ] as const) {
      const found = await call(method, { filter });
      assert.equal(found.status, 200, JSON.stringify(found));
      const items = (found.body as Record<string, unknown[]>)[list]!;
      if (expected === undefined) assert.ok(items.length > 0);
      else assert.equal(items.length, expected, JSON.stringify(filter));
    }
    const latest = await call("SearchMetrics", { latest: true, filter: { type: 2 } });
    assert.equal((latest.body as { metrics: unknown[] }).metrics.length, 4);
  });

  it("the API refuses a text to find that is too long, by the name of its field", async () => {
    const { call } = build();
    const long = "a".repeat(257);
    for (const [method, request, field] of [
      ["SearchSpans", { filter: { nameContains: long } }, "filter.name_contains"],
      ["SearchMetrics", { filter: { nameContains: long } }, "filter.name_contains"],
      ["CountOverTime", { spans: { textContains: long } }, "spans.text_contains"],
      // In upper case this is twice as long.
      ["WaitFor", { logs: { textContains: "ß".repeat(129) } }, "logs.text_contains"],
      ["SearchLogs", { filter: { bodyContains: long } }, "filter.body_contains"],
    ] as const) {
      const { status, body } = await call(method, request);
      assert.deepEqual(
        [status, (body as { message: string }).message],
        [400, `${field}: at most 256 characters are allowed`],
      );
    }
    assert.equal((await call("SearchLogs", { filter: { bodyContains: "a".repeat(256) } })).status, 200);
  });

  it("every method that takes a filter takes an expression, and names it when it is wrong", async () => {
    const { call, send } = build();
    send("traces", toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count: 20 })));
    send("logs", toBinary(ExportLogsServiceRequestSchema, makeLogsRequest({ count: 20 })));
    send("metrics", toBinary(ExportMetricsServiceRequestSchema, makeMetricsRequest({ count: 20 })));
    const ofSpans = 'attributes["http.response.status_code"] >= 500 && status.code == "STATUS_CODE_ERROR"';
    const ofLogs = 'severity == "SEVERITY_NUMBER_WARN"';
    const ofMetrics = 'resource["host.name"] == "web-1" && type == "METRIC_TYPE_GAUGE"';
    for (const [method, path, where, count] of [
      ["SearchSpans", "filter", ofSpans, ({ spans }) => spans.length === 2],
      ["SearchTraces", "filter", ofSpans, ({ traces }) => traces.length === 2],
      ["SearchLogs", "filter", ofLogs, ({ logs }) => logs.length === 4],
      ["SearchMetrics", "filter", ofMetrics, ({ metrics }) => metrics.length === 4],
      ["SummarizeSpans", "filter", ofSpans, ({ matched }) => String(matched) === "2"],
      ["CountOverTime", "spans", ofSpans, ({ matched }) => String(matched) === "2"],
      ["CountOverTime", "logs", ofLogs, ({ matched }) => String(matched) === "4"],
      ["CountOverTime", "metrics", ofMetrics, ({ matched }) => String(matched) === "4"],
      [
        "WaitFor",
        "spans",
        ofSpans,
        ({ spans }) => spans.every((span: { status: object }) => "message" in span.status),
      ],
      ["ListAttributes", "spans", ofSpans, ({ lookedAt }) => lookedAt === 2],
      ["ListMetrics", "filter", ofMetrics, ({ metrics }) => metrics.length > 0],
      ["GetServiceGraph", "filter", ofSpans, ({ services }) => services[0]?.spanCount === 2],
      // biome-ignore lint/suspicious/noExplicitAny: each answer has fields of its own
    ] as [string, string, string, (answer: Record<string, any>) => boolean][]) {
      const { status, body } = await call(method, { [path]: { where } });
      assert.equal(status, 200, JSON.stringify(body));
      assert.ok(count(body as Record<string, unknown>), `${method}: ${JSON.stringify(body).slice(0, 2_000)}`);
      const refused = await call(method, { [path]: { where: "nobody == 1" } });
      assert.deepEqual(
        [refused.status, (refused.body as { message: string }).message],
        [400, `${path}.where: there is no "nobody" at column 1`],
      );
    }
    const missed = await call("WaitFor", { spans: { where: "name == 'x'" }, timeout: "0.001s" });
    assert.match(JSON.stringify(missed.body), /the nearest miss failed on where/);
  });

  it("SearchTraces sums up traces", async () => {
    const { call, send } = build();
    send("traces", toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count: 20 })));
    const { status, body } = await call("SearchTraces", { filter: { status_code: 2 }, limit: 1 });
    assert.equal(status, 200);
    const { traces, missed } = body as { traces: Record<string, unknown>[]; missed: string };
    const { traceId, cursor, startTime, duration, rootName, ...counts } = traces[0]!;
    assert.match(`${traceId} ${startTime} ${duration}`, /^[0-9a-f]{32} 2026-11-23T[\d:.]+Z 0\.\d+s$/);
    assert.deepEqual(
      [traces.length, missed, typeof rootName, counts],
      [
        1,
        "0",
        "string",
        {
          services: ["shop"],
          spanCount: 10,
          errorCount: 1,
          errorMessage: "upstream timed out",
          rootService: "shop",
        },
      ],
    );
    assert.deepEqual(Object.keys((await call("SearchTraces", { after: cursor })).body as object), [
      "traces",
      "cursor",
      "missed",
      "previous",
      "unreadable",
    ]);
  });

  it("SearchTraces leaves out traces of which a span matches one of the excluded filters", async () => {
    const { call, send } = build();
    send("traces", toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count: 20 })));
    const countOf = async (without: object[]) =>
      ((await call("SearchTraces", { without })).body as { traces: object[] }).traces.length;
    assert.equal(await countOf([]), 2);
    assert.equal(await countOf([{ statusCode: "STATUS_CODE_ERROR" }]), 0);
    assert.equal(await countOf([{ where: 'name == "no such name"' }, { name: "nor this" }]), 2);
    assert.equal(await countOf([{ name: "nor this" }, { where: 'service == "shop"' }]), 0);
    for (const [without, message] of [
      [[{ trace_id: "12" }], /^without\[0\]\.trace_id: /],
      [[{}, { where: "nam" }], /^without\[1\]\.where: /],
      [[{ servce: "x" }], /^without\[0\]\.servce: no such field$/],
      [new Array(33).fill({}), /^without: at most 32 are allowed$/],
    ] as const) {
      const { status, body } = await call("SearchTraces", { without });
      assert.equal(status, 400);
      assert.match((body as { message: string }).message, message);
    }
  });

  it("the API pages with the cursors of answers, of items and of GetStats", async () => {
    const { call, send } = build();
    send("traces", toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count: 3 })));
    const stats = (await call("GetStats", {})).body as { cursor: string };
    send("traces", toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count: 2, seed: 2 })));
    const after = async (cursor: string) =>
      ((await call("SearchSpans", { after: cursor })).body as { spans: { cursor: string }[] }).spans;
    const news = await after(stats.cursor);
    assert.equal(news.length, 2);
    assert.equal((await after(news[0]!.cursor)).length, 1);
    assert.equal((await after(news[1]!.cursor)).length, 0);
  });

  it("every search answers the newest items after a cursor when it is asked for them", async () => {
    const { call, send } = build();
    const { cursor: after } = (await call("GetStats", {})).body as { cursor: string };
    for (const seed of [1, 2]) {
      send("traces", toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count: 3, seed })));
      send("logs", toBinary(ExportLogsServiceRequestSchema, makeLogsRequest({ count: 3, seed })));
      send("metrics", toBinary(ExportMetricsServiceRequestSchema, makeMetricsRequest({ count: 3, seed })));
      send("profiles", toBinary(ExportProfilesServiceRequestSchema, makeProfilesRequest({ count: 3, seed })));
    }
    const searches = ["Spans", "Traces", "Logs", "Metrics", "Profiles"].map((name) => `Search${name}`);
    for (const method of searches) {
      const found = async (request: object) => {
        const body = (await call(method, request)).body as Record<string, { cursor: string }[]>;
        return body[method.slice("Search".length).toLowerCase()]!.map(({ cursor }) => cursor);
      };
      const all = await found({ after });
      assert.deepEqual(await found({ after, limit: 2 }), all.slice(0, 2), method);
      assert.deepEqual(await found({ after, limit: 2, newest: true }), all.slice(-2), method);
    }
  });

  it("ListServices, GetStats and Clear tell and change what is held", async () => {
    const { call, send } = build();
    send("traces", toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count: 3 })));
    assert.deepEqual((await call("ListServices", {})).body, {
      services: [{ name: "shop", spans: "3", logs: "0", metrics: "0", profiles: "0" }],
      cursor: "",
    });
    const { signals } = (await call("GetStats", {})).body as {
      signals: Record<string, Record<string, string>>;
    };
    assert.deepEqual(Object.keys(signals), ["traces", "logs", "metrics", "profiles"]);
    const { bytes, lastAcceptedTime = "", ...counts } = signals.traces!;
    assert.ok(Number(bytes) > 0);
    assert.ok(Math.abs(Date.parse(lastAcceptedTime) - Date.now()) < 60_000);
    assert.deepEqual(counts, {
      items: "3",
      accepted: "3",
      rejected: "0",
      refused: "0",
      evicted: "0",
      injected: "0",
      unreadable: "0",
      unconfirmed: "0",
      rejectedFor: {},
      refusedFor: {},
    });
    assert.deepEqual((await call("Clear", {})).body, { cleared: "3" });
    assert.deepEqual((await call("SearchSpans", {})).body, {
      spans: [],
      cursor: ((await call("SearchSpans", {})).body as { cursor: string }).cursor,
      previous: "",
      missed: "0",
      unreadable: "0",
    });
  });

  const searchFilter = (filter: unknown) => ["SearchSpans", { filter }] as const;
  for (const [[method, body], message] of [
    [["SearchSpans", { limt: 1 }], /^limt: no such field$/],
    [searchFilter({ nmae: "x" }), /^filter\.nmae: no such field$/],
    [
      searchFilter({ kind: "SERVER" }),
      /^filter\.kind: "SERVER" is no SpanKind; use one of SPAN_KIND_INTERNAL, SPAN_KIND_SERVER, SPAN_KIND_CLIENT, SPAN_KIND_PRODUCER, SPAN_KIND_CONSUMER$/,
    ],
    [searchFilter({ kind: "x".repeat(100) }), /^filter\.kind: no SpanKind; use one of /],
    [
      searchFilter({ status_code: "ERROR" }),
      /^filter\.status_code: "ERROR" is no StatusCode; use one of STATUS_CODE_UNSET, STATUS_CODE_OK, STATUS_CODE_ERROR$/,
    ],
    [searchFilter({ since: "yesterday" }), /^filter\.since: a time looks like/],
    [searchFilter({ until: 12 }), /^filter\.until: a time looks like/],
    [searchFilter({ minDuration: "10ms" }), /^filter\.minDuration: a duration looks like/],
    [searchFilter({ max_duration: "1s and a bit" }), /^filter\.max_duration: a duration looks like/],
    [searchFilter({ max_duration: "0.1234567890s" }), /^filter\.max_duration: a duration looks like/],
    [searchFilter({ max_duration: "-1s" }), /^filter\.max_duration: must not be negative$/],
    [searchFilter({ trace_id: "abc" }), /^filter\.trace_id: a trace id is 32 hex digits$/],
    [
      searchFilter({ attributes: { a: 1 } }),
      /^filter\.attributes: must be an object whose values are strings$/,
    ],
    [searchFilter({ service: 5 }), /^filter\.service: must be a string$/],
    [searchFilter([]), /^filter: must be a JSON object$/],
    [["SearchSpans", { limit: 10_001 }], /^limit: .*10000$/],
    [["SearchSpans", { limit: -1 }], /^limit: must be a whole number from 0 to 4294967295$/],
    [["SearchSpans", { limit: "secret" }], /^limit: must be a whole number from 0 to 4294967295$/],
    [["SearchMetrics", { latest: 1 }], /^latest: must be true or false$/],
    [["SearchProfiles", { newest: "yes" }], /^newest: must be true or false$/],
    [["SearchSpans", { after: "!" }], /^after: not a cursor$/],
    [["SearchLogs", { before: "!" }], /^before: not a cursor$/],
    [["SearchTraces", { max_bytes: 67_108_865 }], /^max_bytes: must be a whole number from 1 to 67108864$/],
    [["GetTrace", { traceId: traceIdHex, maxBytes: 67_108_865 }], /^max_bytes: .*67108864$/],
    [["WaitFor", { spans: {}, maxBytes: 67_108_865 }], /^max_bytes: .*67108864$/],
    [["ListServices", { limit: 10_001 }], /^limit: .*10000$/],
    [
      ["SearchLogs", { filter: { min_severity: "ERROR" } }],
      /^filter\.min_severity: "ERROR" is no SeverityNumber; use one of SEVERITY_NUMBER_TRACE, SEVERITY_NUMBER_DEBUG, SEVERITY_NUMBER_INFO, SEVERITY_NUMBER_WARN, SEVERITY_NUMBER_ERROR, SEVERITY_NUMBER_FATAL$/,
    ],
    [
      ["SearchMetrics", { filter: { type: "SUM" } }],
      /^filter\.type: "SUM" is no MetricType; use one of METRIC_TYPE_GAUGE, METRIC_TYPE_SUM, /,
    ],
    [
      ["SearchMetrics", { filter: { type: 99 } }],
      /^filter\.type: 99 is no MetricType; use one of METRIC_TYPE_GAUGE, METRIC_TYPE_SUM, /,
    ],
    [["GetTrace", {}], /^trace_id: a trace id is 32 hex digits$/],
    [["GetStats", { x: 1 }], /^x: no such field$/],
    [["SearchSpans", "[]"], /must be a JSON object/],
    [["SearchSpans", "{"], /^not JSON at position 1$/],
    [["SearchSpans", '{"limit":secret}'], /^not JSON at position 9$/],
    [["SearchSpans", '{"limit":1,"limit":2}'], /^limit: must not be given twice$/],
    [
      ["SearchSpans", '{"filter":{"attributes":{"a secret":"1","a secret":"2"}}}'],
      /^the request: has a name twice in one object, or is no valid message$/,
    ],
    [
      ["SearchSpans", { filter: { trace_id: "a", traceId: "b" } }],
      /^filter\.traceId: must not be given twice, as trace_id and as traceId$/,
    ],
    [
      ["SearchSpans", { filter: { kind: 99_999_999_999 } }],
      /^filter\.kind: 99999999999 is no SpanKind; use /,
    ],
    [["WaitFor", { spans: {}, logs: {} }], /^logs: must not be set together with spans$/],
  ] as [[string, unknown], RegExp][]) {
    it(`${method} refuses ${JSON.stringify(body)}, and names what is wrong`, async () => {
      const response = await build().call(method, body);
      const error = response.body as { code: string; message: string };
      assert.deepEqual([response.status, error.code], [400, "invalid_argument"]);
      assert.match(error.message, message);
    });
  }

  it("the API ignores fields that are null, and takes attributes named like fields", async () => {
    const { call } = build();
    const filter = { since: null, kind: null, attributes: { since: "yesterday", nmae: "x" } };
    assert.equal((await call("SearchSpans", { filter, after: null })).status, 200);
    assert.equal((await call("SearchSpans", { filter: null })).status, 200);
  });

  it("GetTrace answers NOT_FOUND for a trace of which nothing is held", async () => {
    const { status, body } = await build().call("GetTrace", { trace_id: traceIdHex });
    assert.deepEqual([status, (body as { code: string }).code], [404, "not_found"]);
  });
});

function build() {
  const store = new FakeStore({ maxItems: 100, maxBytes: 1_000_000 });
  const counters = new IngestCounters();
  const arrivals = new Arrivals();
  const turns = new EventLoopTurns();
  const ingest = createIngest({ store, counters, arrivals, turns });
  const answers = new AnswerMemory(2 ** 26);
  const reader = createReader({ store, counters, arrivals, turns, answers });
  const core = {
    ingest,
    counters,
    limits: new Limits(),
    reader,
    answers,
    faults: undefined,
    handOn: undefined,
    forwardingPath: undefined,
  };
  const call = createJsonCaller("obsvty.v1.QueryService", (router) => registerQueryService(router, core));
  const send = (signal: Signal, bytes: Uint8Array) => {
    assert.equal(ingestNow(ingest, signal, bytes).kind, "accepted");
  };
  return { call, send };
}
