import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ExportLogsServiceRequestSchema } from "../../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { LogRecordSchema } from "../../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import type { MetricSchema } from "../../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { SpanSchema } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import type { CommonFilter } from "../../../../src/domain/filter.ts";
import type { TraceId } from "../../../../src/domain/ids.ts";
import type { FilterOf, ItemKind, SignalOf } from "../../../../src/domain/item-kind.ts";
import { metricTypes } from "../../../../src/domain/telemetry.ts";
import { planOf } from "../../../../src/use-cases/filter/item-plan.ts";
import { type AnyRequest, appendBytes, encode } from "../../../contract/store-requests.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";
import { findAll } from "../../../support/whole-answers.ts";

// Whether an item matches a filter is told three times: by the index of the store, by the decoded item and by
// the conditions that explain a miss. Here they are held together over random items and filters. The pools
// are small, so that items often match, and hold the values at which an index that keeps less than the item
// (a byte of an enum, the bytes of a string) would go wrong.

/** In a request it stands for four bytes that are not UTF-8: no string of a message could hold them. */
const invalidMark = "\u{1f4a9}";
const invalidBytes = Buffer.of(0xff, 0xfe, 0xc0, 0x80);
/** What a reader is shown in their place. */
const shownInvalid = "\ufffd".repeat(4);

const sentTexts = ["", "a", "cart", "überall", invalidMark, `a${invalidMark}`, shownInvalid] as const;
const shownTexts = sentTexts.map((text) => text.replaceAll(invalidMark, shownInvalid));
const int32s = [0, 1, 2, 3, 9, 17, 24, 77, 254, 255, 256, 258, 2 ** 31 - 1, -1, -254, -(2 ** 31)] as const;
const times = [0n, 1n, 1_000n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n] as const;
/** Callers can name times that no item has: before 1970, and after the last that 64 bits can tell. */
const wantedTimes = [-1n, ...times, 2n ** 64n, 2n ** 65n] as const;
const traceIds = ["ab".repeat(16), `${"ab".repeat(15)}00`, "01".repeat(16)] as const;
const attributeKeys = ["", "k", "short", "service.name", "überall", invalidMark, "x".repeat(130)] as const;
const attributeValues = [
  "",
  "a",
  invalidMark,
  "5",
  5,
  0.5,
  true,
  -1,
  1_000_000,
  2n ** 60n,
  -(2n ** 63n),
  false,
  -0,
  1e-7,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "NaN",
  "0",
  "long ".repeat(30),
  Uint8Array.of(1, 2, 255),
] as const;
const attributeTexts = [
  ...["", "a", shownInvalid, "5", "0.5", "true", "-1", "1000000", String(2n ** 60n), String(-(2n ** 63n))],
  ...["false", "0", "1e-7", "NaN", "Infinity", "long ".repeat(30), "AQL/"],
] as const;

const text = fc.constantFrom(...sentTexts);
const time = fc.constantFrom(...times);
const int32 = fc.constantFrom<number>(...int32s);
const id = fc.constantFrom(...traceIds);
const attributes = fc
  .array(fc.tuple(fc.constantFrom(...attributeKeys), fc.constantFrom(...attributeValues)), { maxLength: 2 })
  .map((pairs) => makeAttributes(Object.fromEntries(pairs)));
const resource = fc.oneof(
  attributes,
  text.map((service) => makeAttributes({ "service.name": service })),
);
const idBytes = (hex: string) => Buffer.from(hex, "hex");

const span: fc.Arbitrary<MessageInitShape<typeof SpanSchema>> = fc.record({
  traceId: id.map(idBytes),
  spanId: fc.constant(idBytes("01".repeat(8))),
  name: text,
  kind: int32 as fc.Arbitrary<never>,
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  status: fc.record({ code: int32 as fc.Arbitrary<never> }),
  attributes,
});

const logRecord: fc.Arbitrary<MessageInitShape<typeof LogRecordSchema>> = fc.record({
  traceId: fc.oneof(id, fc.constantFrom("", "abab", "00".repeat(16))).map(idBytes),
  timeUnixNano: time,
  observedTimeUnixNano: time,
  severityNumber: int32 as fc.Arbitrary<never>,
  body: fc.oneof(text).map((value) => ({ value: { case: "stringValue", value } as const })),
  attributes,
});

const metric: fc.Arbitrary<MessageInitShape<typeof MetricSchema>> = fc
  .record({
    name: text,
    type: fc.constantFrom("gauge", "sum", "histogram", "exponentialHistogram", "summary"),
    timeUnixNano: fc.constantFrom(...times.slice(1)),
    attributes,
  })
  .map(({ name, type, ...point }) => {
    const value = type === "gauge" || type === "sum" ? { value: { case: "asInt", value: 1n } } : {};
    return {
      name,
      data: { case: type, value: { dataPoints: [{ ...point, ...value }] } },
    } as MessageInitShape<typeof MetricSchema>;
  });

interface Case<Kind extends ItemKind> {
  readonly signal: SignalOf<Kind>;
  readonly requests: fc.Arbitrary<AnyRequest>;
  readonly filters: fc.Arbitrary<FilterOf<Kind>>;
}

/** Each field is there or not; the type of a filter knows no fields that are there and undefined. */
const filterOf = <Filter>(fields: { [Field in keyof Filter]-?: fc.Arbitrary<NonNullable<Filter[Field]>> }) =>
  fc.record(fields, { requiredKeys: [] }) as unknown as fc.Arbitrary<Filter>;

const wantedText = fc.constantFrom(...shownTexts);
const wantedPart = fc.constantFrom(...shownTexts.slice(1), "A", "CAR", "ÜB", "NAME", "5");
const wantedTime = fc.constantFrom(...wantedTimes);
const common: { [Field in keyof CommonFilter]-?: fc.Arbitrary<NonNullable<CommonFilter[Field]>> } = {
  service: wantedText,
  sinceUnixNano: wantedTime,
  untilUnixNano: wantedTime,
  attributes: fc
    .array(
      fc.tuple(
        fc.constantFrom(...attributeKeys).map((key) => key.replaceAll(invalidMark, shownInvalid)),
        fc.constantFrom(...attributeTexts),
      ),
      { maxLength: 2 },
    )
    .map((pairs) => new Map(pairs)),
  textContains: wantedPart,
  where: fc.constantFrom(
    () => true,
    () => false,
    ({ service }: { readonly service: string }) => service === "cart",
  ),
};
const wantedDuration = fc.constantFrom(0n, 1n, 999n, 1_000n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 65n);

const cases: { readonly [Kind in ItemKind]: Case<Kind> } = {
  spans: {
    signal: "traces",
    requests: fc
      .record({ resource, scope: attributes, items: fc.array(span, { maxLength: 6 }) })
      .map(({ resource, scope, items }) =>
        create(ExportTraceServiceRequestSchema, {
          resourceSpans: [
            {
              resource: { attributes: resource },
              scopeSpans: [{ scope: { attributes: scope }, spans: items }],
            },
          ],
        }),
      ),
    filters: filterOf<FilterOf<"spans">>({
      ...common,
      name: wantedText,
      nameContains: wantedPart,
      traceId: id as fc.Arbitrary<TraceId>,
      traceIds: fc.array(id).map((wanted) => new Set(wanted)),
      kind: int32,
      statusCode: int32,
      minDurationNano: wantedDuration,
      maxDurationNano: wantedDuration,
    }),
  },
  logs: {
    signal: "logs",
    requests: fc
      .record({ resource, scope: attributes, items: fc.array(logRecord, { maxLength: 6 }) })
      .map(({ resource, scope, items }) =>
        create(ExportLogsServiceRequestSchema, {
          resourceLogs: [
            {
              resource: { attributes: resource },
              scopeLogs: [{ scope: { attributes: scope }, logRecords: items }],
            },
          ],
        }),
      ),
    filters: filterOf<FilterOf<"logs">>({
      ...common,
      traceId: id as fc.Arbitrary<TraceId>,
      minSeverity: int32,
      bodyContains: wantedText,
    }),
  },
  metrics: {
    signal: "metrics",
    requests: fc
      .record({ resource, scope: attributes, items: fc.array(metric, { maxLength: 6 }) })
      .map(({ resource, scope, items }) =>
        create(ExportMetricsServiceRequestSchema, {
          resourceMetrics: [
            {
              resource: { attributes: resource },
              scopeMetrics: [{ scope: { attributes: scope }, metrics: items }],
            },
          ],
        }),
      ),
    filters: filterOf<FilterOf<"metrics">>({
      ...common,
      name: wantedText,
      nameContains: wantedPart,
      type: fc.constantFrom(...metricTypes),
    }),
  },
};

/** Puts the bytes that are not UTF-8 where the mark stands for them. */
function withInvalidUtf8(bytes: Uint8Array): Uint8Array {
  const damaged = Buffer.from(bytes);
  for (let at = damaged.indexOf(invalidMark); at >= 0; at = damaged.indexOf(invalidMark, at)) {
    invalidBytes.copy(damaged, at);
  }
  return damaged;
}

function assertAgree<Kind extends ItemKind>(
  kind: Kind,
  requests: readonly AnyRequest[],
  filters: readonly FilterOf<Kind>[],
): void {
  const store = new RingStore({ maxItems: 100, maxBytes: 1 << 20, maxRequestBytes: 1 << 16 });
  const { signal } = cases[kind];
  for (const request of requests) {
    assert.equal(appendBytes(store, signal, withInvalidUtf8(encode(signal, request))).kind, "kept");
  }
  const { first, next } = store.range(signal);
  for (const filter of filters) {
    const { matches, conditions, decode } = planOf(kind, filter);
    const found = new Set(
      findAll(store, signal, filter, { from: first, to: next, order: "oldest", limit: next - first }),
    );
    for (let ordinal = first; ordinal < next; ordinal++) {
      const item = decode(store.read(signal, ordinal)!);
      const isMatch = matches?.(item) ?? true;
      const failed = conditions.filter(({ isMet }) => !isMet(item)).map(({ name }) => name);
      assert.equal(
        failed.length === 0,
        isMatch,
        `fails on ${failed} and ${isMatch ? "matches" : "does not"}`,
      );
      assert.ok(found.has(ordinal) || !isMatch, `the index misses item ${ordinal}`);
    }
  }
}

describe("the index, the matcher and the explanation of a miss agree", () => {
  for (const kind of ["spans", "logs", "metrics"] as const) {
    test(`the index, the matcher and the explanation of a miss agree about any filter of ${kind} and any items`, () => {
      check(kind);
    });
  }
});

function check<Kind extends ItemKind>(kind: Kind): void {
  const { requests, filters } = cases[kind];
  fc.assert(
    fc.property(
      fc.array(requests, { minLength: 1, maxLength: 3 }),
      fc.array(filters, { minLength: 1, maxLength: 20 }),
      (sent, asked) => assertAgree(kind, sent, asked),
    ),
    { numRuns: 500, interruptAfterTimeLimit: 20_000 },
  );
}
