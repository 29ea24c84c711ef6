import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LogFilterSchema, MetricFilterSchema, SpanFilterSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { fieldOf, filterFlags } from "../../../../src/cli/flags/filter-flags.ts";
import { enumSchemas, filterOf, withoutOf } from "../../../../src/cli/flags/filter-request.ts";
import { UsageError } from "../../../../src/cli/flags/usage-error.ts";
import type { ItemKind } from "../../../../src/domain/item-kind.ts";

const nowMs = Date.UTC(2026, 10, 23, 10);
const nowSeconds = BigInt(nowMs / 1_000);

test("every field of the API's filters is a flag of the same name", () => {
  const schemas = { spans: SpanFilterSchema, logs: LogFilterSchema, metrics: MetricFilterSchema };
  for (const [kind, schema] of Object.entries(schemas)) {
    assert.deepEqual(
      filterFlags[kind as ItemKind].map(fieldOf),
      schema.fields.map(({ localName }) => localName),
    );
  }
});

test("every value of an enum is among the choices of its flag", () => {
  const flags = Object.values(filterFlags).flat();
  for (const [takes, { values }] of Object.entries(enumSchemas)) {
    const names = values
      .map(({ localName }) => localName.toLowerCase().replaceAll("_", "-"))
      // Severities have finer levels, such as ERROR2.
      .filter((name) => name !== "unspecified" && !/\d$/.test(name));
    const flag = flags.find((one) => one.takes === takes);
    assert.deepEqual(flag !== undefined && "choices" in flag && flag.choices, names);
  }
});

test("the flags of spans become the fields of the filter", () => {
  const filter = filterOf(
    "spans",
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

test("without flags the filter has no fields", () => {
  for (const kind of ["spans", "logs", "metrics"] as const) assert.deepEqual(filterOf(kind, {}, nowMs), {});
});

test("enum values may be short or in full, in any case, with dashes or underscores", () => {
  for (const type of [
    "exponential-histogram",
    "Exponential_Histogram",
    "METRIC_TYPE_EXPONENTIAL_HISTOGRAM",
  ]) {
    assert.deepEqual(filterOf("metrics", { type }, nowMs), { type: 4 });
  }
  for (const [minSeverity, number] of [
    ["warn", 13],
    ["Error2", 18],
    ["SEVERITY_NUMBER_FATAL", 21],
  ] as const) {
    assert.deepEqual(filterOf("logs", { minSeverity }, nowMs), { minSeverity: number });
  }
  assert.deepEqual(filterOf("spans", { statusCode: "unset" }, nowMs), { statusCode: 0 });
});

test("each --without is a filter of one flag of spans", () => {
  assert.deepEqual(
    withoutOf({ without: ["service=", "attribute=user.id=u1", "status-code=error", "name=a=b"] }),
    [{ service: "" }, { attributes: { "user.id": "u1" } }, { statusCode: 2 }, { name: "a=b" }],
  );
  assert.deepEqual(withoutOf({}), []);
  for (const [given, message] of [
    [
      "shop",
      /^--without: "shop" is not allowed, it must be flag=value, where the flag is one of service, name, /,
    ],
    ["user.id=u1", /^--without: "user.id=u1" is not allowed/],
    ["kind=srv", /^--kind: "srv" is not allowed, /],
  ] as const) {
    assert.throws(
      () => withoutOf({ without: [given] }),
      (reason) => reason instanceof UsageError && message.test(reason.message),
    );
  }
});

describe("a wrong value is refused with its flag and what is allowed:", () => {
  for (const [kind, flags, message] of [
    ["spans", { kind: "srv" }, /^--kind: "srv" is not allowed, it must be one of internal, server, client, /],
    ["spans", { kind: "unspecified" }, /^--kind: "unspecified" is not allowed/],
    ["spans", { statusCode: "failed" }, /^--status-code: "failed" .* one of unset, ok, error$/],
    [
      "spans",
      { minDuration: "10" },
      /^--min-duration: "10" .* a duration like 250us, 10ms, 1.5s, 2m or 1h30m$/,
    ],
    ["logs", { minSeverity: "" }, /^--min-severity: "" .* one of trace, debug, info, warn, error, fatal$/],
    ["logs", { since: "yesterday" }, /^--since: "yesterday" .* a time like .*Z, or how long ago, like 5m$/],
    ["logs", { until: "2026-13-01T00:00:00Z" }, /^--until: /],
    ["logs", { since: "99999d" }, /^--since: /],
    ["logs", { bodyContains: "" }, /^--body-contains: must not be empty$/],
    ["metrics", { type: "METRIC_TYPE_UNSPECIFIED" }, /^--type: .* one of gauge, sum, histogram, /],
    ["metrics", { attributes: ["key"] }, /^--attribute: "key" is not allowed, it must be key=value$/],
    ["metrics", { attributes: ["=value"] }, /^--attribute: "=value" is not allowed/],
    ["metrics", { attributes: ["a=1", "a=2"] }, /^--attribute: "a" is given twice$/],
  ] as const) {
    test(`wrong flags are refused with what is allowed: ${JSON.stringify(flags)}`, () => {
      assert.throws(
        () => filterOf(kind, flags, nowMs),
        (reason) => reason instanceof UsageError && message.test(reason.message),
      );
    });
  }
});
