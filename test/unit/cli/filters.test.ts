import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  LogFilterSchema,
  MetricFilterSchema,
  MetricTypeSchema,
  SpanFilterSchema,
} from "../../../gen/obsvty/v1/query_pb.ts";
import { SeverityNumberSchema } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  Span_SpanKindSchema,
  Status_StatusCodeSchema,
} from "../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { enumChoices } from "../../../src/cli/enum-value.ts";
import { type FilterFlag, filterFlags } from "../../../src/cli/filter-flags.ts";
import { logFilter, metricFilter, spanFilter } from "../../../src/cli/filters.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";

const nowMs = Date.UTC(2026, 10, 23, 10);
const nowSeconds = BigInt(nowMs / 1_000);

test("every field of the API's filters is a flag of the same name", () => {
  const schemas = { spans: SpanFilterSchema, logs: LogFilterSchema, metrics: MetricFilterSchema };
  for (const [kind, schema] of Object.entries(schemas)) {
    const flags: readonly FilterFlag[] = filterFlags[kind as keyof typeof filterFlags];
    assert.deepEqual(
      flags.map(({ name, repeatable }) => `${name.replaceAll("-", "_")}${repeatable ? "s" : ""}`),
      schema.fields.map(({ name }) => name),
    );
  }
});

test("help names the values that an enum has", () => {
  const meanings = new Map(
    Object.values(filterFlags)
      .flat()
      .map(({ name, meaning }) => [name as string, meaning as string]),
  );
  for (const [flag, schema] of [
    ["kind", Span_SpanKindSchema],
    ["status-code", Status_StatusCodeSchema],
    ["min-severity", SeverityNumberSchema],
    ["type", MetricTypeSchema],
  ] as const) {
    const choices = enumChoices(schema).replace(/^one of /, "");
    const inWords = choices.replace(/, ([^,]+)$/, " or $1");
    assert.ok(meanings.get(flag)?.endsWith(inWords), `${flag}: ${inWords}`);
  }
});

test("all flags of spans become the filter's fields", () => {
  const filter = spanFilter(
    {
      service: "shop",
      name: "GET /cart",
      traceId: "5B8EFFF798038103D269B633813FC60C",
      kind: "Server",
      statusCode: "STATUS_CODE_ERROR",
      minDuration: "10ms",
      maxDuration: "2m",
      since: "5m",
      until: "2026-11-23T10:00:00.123456789Z",
      attributes: ["http.response.status_code=200", "q=a=b", "empty="],
    },
    nowMs,
  );
  assert.deepEqual(
    { ...filter, until: { ...filter.until } },
    {
      service: "shop",
      name: "GET /cart",
      traceId: "5B8EFFF798038103D269B633813FC60C",
      kind: 2,
      statusCode: 2,
      minDuration: { seconds: 0n, nanos: 10_000_000 },
      maxDuration: { seconds: 120n, nanos: 0 },
      since: { seconds: nowSeconds - 300n, nanos: 0 },
      until: { $typeName: "google.protobuf.Timestamp", seconds: nowSeconds, nanos: 123_456_789 },
      attributes: { "http.response.status_code": "200", q: "a=b", empty: "" },
    },
  );
});

test("no flags are a filter without fields", () => {
  for (const filter of [spanFilter, logFilter, metricFilter]) assert.deepEqual(filter({}, nowMs), {});
});

test("enums are taken short or in full, in any case, with dashes or underscores", () => {
  for (const type of [
    "exponential-histogram",
    "Exponential_Histogram",
    "METRIC_TYPE_EXPONENTIAL_HISTOGRAM",
  ]) {
    assert.deepEqual(metricFilter({ type }, nowMs), { type: 4 });
  }
  for (const [minSeverity, number] of [
    ["warn", 13],
    ["Error2", 18],
    ["SEVERITY_NUMBER_FATAL", 21],
  ] as const) {
    assert.deepEqual(logFilter({ minSeverity }, nowMs), { minSeverity: number });
  }
  assert.deepEqual(spanFilter({ statusCode: "unset" }, nowMs), { statusCode: 0 });
});

describe("a wrong value is told with its flag and what is allowed:", () => {
  const { spans, logs, metrics } = { spans: spanFilter, logs: logFilter, metrics: metricFilter };
  for (const [filter, flags, message] of [
    [spans, { kind: "srv" }, /^--kind: "srv" is not allowed, it must be one of internal, server, client, /],
    [spans, { kind: "unspecified" }, /^--kind: "unspecified" is not allowed/],
    [spans, { statusCode: "failed" }, /^--status-code: "failed" .* one of unset, ok, error$/],
    [
      spans,
      { minDuration: "10" },
      /^--min-duration: "10" .* a duration like 250us, 10ms, 1.5s, 2m or 1h30m$/,
    ],
    [logs, { minSeverity: "" }, /^--min-severity: "" .* one of trace, debug, info, warn, error, fatal$/],
    [logs, { since: "yesterday" }, /^--since: "yesterday" .* a time like .*Z, or how long ago, like 5m$/],
    [logs, { until: "2026-13-01T00:00:00Z" }, /^--until: /],
    [logs, { since: "99999d" }, /^--since: /],
    [logs, { bodyContains: "" }, /^--body-contains: must not be empty$/],
    [metrics, { type: "METRIC_TYPE_UNSPECIFIED" }, /^--type: .* one of gauge, sum, histogram, /],
    [metrics, { attributes: ["key"] }, /^--attribute: "key" is not allowed, it must be key=value$/],
    [metrics, { attributes: ["=value"] }, /^--attribute: "=value" is not allowed/],
    [metrics, { attributes: ["a=1", "a=2"] }, /^--attribute: "a" is given twice$/],
  ] as const) {
    test(JSON.stringify(flags), () => {
      assert.throws(
        () => filter(flags, nowMs),
        (reason) => reason instanceof UsageError && message.test(reason.message),
      );
    });
  }
});
