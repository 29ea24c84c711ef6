import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  LogFilterSchema,
  MetricFilterSchema,
  MetricType,
  ProfileFilterSchema,
  SpanFilterSchema,
} from "../../../../../gen/obsvty/v1/query_pb.ts";
import {
  logFilter,
  metricFilter,
  spanFilter,
} from "../../../../../src/adapters/inbound/query-api/from-proto.ts";
import { readFilter } from "../../../../../src/adapters/inbound/query-api/item-messages.ts";
import { profileFilter } from "../../../../../src/adapters/inbound/query-api/profile-methods.ts";
import type { ItemKind } from "../../../../../src/domain/item-kind.ts";
import type { Overrides } from "../../../../support/otlp.ts";
import { refusal } from "../../../../support/refusal.ts";

const span = (fields: Overrides<typeof SpanFilterSchema>) => spanFilter(create(SpanFilterSchema, fields));
const attributes = new Map();

/** A value of each field that a filter of some kind of items has. */
const samples: Readonly<Record<string, unknown>> = {
  service: "shop",
  name: "GET /cart",
  nameContains: "cart",
  traceId: "ab".repeat(16),
  kind: 2,
  statusCode: 2,
  minDuration: { seconds: 1n },
  maxDuration: { seconds: 1n },
  since: { seconds: 1n },
  until: { seconds: 1n },
  attributes: { "cart.id": "c3" },
  minSeverity: 9,
  bodyContains: "declined",
  textContains: "declined",
  type: MetricType.SUM,
  where: "true",
};

describe("filters as sent", () => {
  for (const [kind, schema] of [
    ["spans", SpanFilterSchema],
    ["logs", LogFilterSchema],
    ["metrics", MetricFilterSchema],
  ] as const) {
    for (const { localName } of schema.fields) {
      it(`the field ${localName} of a ${schema.name} is read`, async () => {
        assert.ok(localName in samples, `${localName} has no sample`);
        const filter = create(schema as typeof SpanFilterSchema, { [localName]: samples[localName] });
        const read = await readFilter<ItemKind>(kind, filter, "filter");
        assert.notDeepEqual(read, { attributes });
      });
    }
  }

  it("fields of a filter that are empty or unspecified are left out", () => {
    assert.deepEqual(spanFilter(undefined), {});
    assert.deepEqual(logFilter(undefined), {});
    assert.deepEqual(metricFilter(undefined), {});
    assert.deepEqual(span({}), { attributes });
    assert.deepEqual(logFilter(create(LogFilterSchema)), { attributes });
    assert.deepEqual(metricFilter(create(MetricFilterSchema)), { attributes });
  });

  it("a filter's kind 0 and status 0 are told from absent ones", () => {
    assert.deepEqual(span({ kind: 0, statusCode: 0 }), { kind: 0, statusCode: 0, attributes });
  });

  it("a filter's times and durations are in nanoseconds", () => {
    const filter = span({
      since: { seconds: -2n, nanos: 5 },
      until: { seconds: -1n, nanos: 999_999_999 },
      minDuration: { seconds: 0n, nanos: 1 },
      maxDuration: { seconds: 2n, nanos: 0 },
    });
    assert.deepEqual(filter, {
      sinceUnixNano: -1_999_999_995n,
      untilUnixNano: -1n,
      minDurationNano: 1n,
      maxDurationNano: 2_000_000_000n,
      attributes,
    });
  });

  it("a filter's time window may be empty, but not end before it begins", () => {
    const window = (since: number, until: number) => ({
      since: { seconds: 1n, nanos: since },
      until: { seconds: 1n, nanos: until },
    });
    for (const read of [
      (fields: ReturnType<typeof window>) => span(fields),
      (fields: ReturnType<typeof window>) => logFilter(create(LogFilterSchema, fields)),
      (fields: ReturnType<typeof window>) => metricFilter(create(MetricFilterSchema, fields)),
      (fields: ReturnType<typeof window>) => profileFilter(create(ProfileFilterSchema, fields), "filter"),
    ]) {
      assert.doesNotThrow(() => read(window(5, 5)));
      assert.throws(() => read(window(5, 4)), refusal("filter.until: must not be before since"));
    }
  });

  it("a filter takes attributes of any name", () => {
    const wanted = JSON.parse('{"__proto__":"a","toString":"b"}');
    assert.deepEqual(
      span({ attributes: wanted }).attributes,
      new Map([
        ["__proto__", "a"],
        ["toString", "b"],
      ]),
    );
  });

  it("a filter takes every metric type", () => {
    const types = Object.values(MetricType).map(
      (type) => metricFilter(create(MetricFilterSchema, { type })).type,
    );
    assert.deepEqual(types, [undefined, "gauge", "sum", "histogram", "exponential-histogram", "summary"]);
  });

  // JSON cannot say these; the binary encodings can.
  for (const [fields, message] of [
    [{ since: { nanos: -1 } }, "filter.since: the nanos of a time go from 0 to 999,999,999"],
    [{ until: { nanos: 1_000_000_000 } }, "filter.until: the nanos of a time go from 0 to 999,999,999"],
    [{ minDuration: { nanos: -1 } }, "filter.min_duration: must not be negative"],
    [{ maxDuration: { seconds: -1n } }, "filter.max_duration: must not be negative"],
    [
      { maxDuration: { nanos: 1_000_000_000 } },
      "filter.max_duration: the nanos of a duration go up to 999,999,999",
    ],
    [{ traceId: "x" }, "filter.trace_id: a trace id is 32 hex digits"],
  ] as [Overrides<typeof SpanFilterSchema>, string][]) {
    it(`a filter is refused: ${message}`, () => {
      assert.throws(() => span(fields), refusal(message));
    });
  }
});
