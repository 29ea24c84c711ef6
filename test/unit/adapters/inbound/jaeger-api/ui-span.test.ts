import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  InstrumentationScopeSchema,
  KeyValueSchema,
} from "../../../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { ResourceSchema } from "../../../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import { SpanSchema } from "../../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { uiSpanOf } from "../../../../../src/adapters/inbound/jaeger-api/ui-span.ts";
import { encodedItem } from "../../../../support/encoded-item.ts";
import { makeAttributes } from "../../../../support/otlp-attributes.ts";

const traceId = Buffer.alloc(16, 0xab);
const spanId = Buffer.alloc(8, 0xcd);
type Init = MessageInitShape<typeof SpanSchema>;

// biome-ignore lint/suspicious/noExplicitAny: the tests read the JSON as it is
function fieldsOf(span: Init, scope: MessageInitShape<typeof InstrumentationScopeSchema> = {}): any {
  const item = toBinary(SpanSchema, create(SpanSchema, { traceId, spanId, ...span } as never));
  const scopeBytes = toBinary(InstrumentationScopeSchema, create(InstrumentationScopeSchema, scope as never));
  return uiSpanOf(encodedItem({ item, scope: scopeBytes })).fields;
}

const tag = (key: string, type: string, value: unknown) => ({ key, type, value });

describe("a span as Jaeger's UI reads it", () => {
  it("a bare span has every field that Jaeger's UI needs", () => {
    assert.deepEqual(fieldsOf({}), {
      traceID: "ab".repeat(16),
      spanID: "cd".repeat(8),
      operationName: "",
      references: [],
      startTime: 0,
      duration: 0,
      tags: [],
      logs: [],
      warnings: null,
    });
  });

  it("times of Jaeger's UI are microseconds, and a span that ends before it starts took no time", () => {
    const start = 1_795_428_000_123_456_789n;
    const took = (end: bigint) => {
      const { startTime, duration } = fieldsOf({ startTimeUnixNano: start, endTimeUnixNano: end });
      return [startTime, duration];
    };
    assert.deepEqual(took(start + 1_500_999n), [1_795_428_000_123_456, 1_500]);
    assert.deepEqual(took(start - 1n), [1_795_428_000_123_456, 0]);
    assert.deepEqual(took(0n), [1_795_428_000_123_456, 0]);
    assert.equal(fieldsOf({ endTimeUnixNano: start }).duration, 0);
  });

  it("attributes are tags for Jaeger's UI that keep their types", () => {
    const attributes = [
      ...makeAttributes({
        text: "a",
        yes: true,
        int: 7,
        large: 2n ** 60n,
        double: 0.5,
        bytes: Uint8Array.of(1, 2),
      }),
      create(KeyValueSchema, { key: "whole", value: { value: { case: "doubleValue", value: 3 } } }),
      create(KeyValueSchema, { key: "nan", value: { value: { case: "doubleValue", value: Number.NaN } } }),
      create(KeyValueSchema, {
        key: "list",
        value: {
          value: { case: "arrayValue", value: { values: [{ value: { case: "intValue", value: 1n } }] } },
        },
      }),
      create(KeyValueSchema, { key: "nothing" }),
    ];
    assert.deepEqual(fieldsOf({ attributes }).tags, [
      tag("text", "string", "a"),
      tag("yes", "bool", true),
      tag("int", "int64", 7),
      tag("large", "int64", String(2n ** 60n)),
      tag("double", "float64", 0.5),
      tag("bytes", "binary", "AQI="),
      tag("whole", "float64", 3),
      tag("nan", "float64", "NaN"),
      tag("list", "string", "[1]"),
      tag("nothing", "string", ""),
    ]);
  });

  it("what OTLP has fields for are tags for Jaeger's UI by the names that Jaeger knows", () => {
    const span = {
      kind: 3,
      status: { code: 2, message: "no answer" },
      traceState: "a=b",
      droppedAttributesCount: 1,
      droppedEventsCount: 2,
      droppedLinksCount: 3,
    } as const;
    assert.deepEqual(fieldsOf(span, { name: "http", version: "1.0" }).tags, [
      tag("otel.scope.name", "string", "http"),
      tag("otel.scope.version", "string", "1.0"),
      tag("span.kind", "string", "client"),
      tag("otel.status_code", "string", "ERROR"),
      tag("error", "bool", true),
      tag("otel.status_description", "string", "no answer"),
      tag("w3c.tracestate", "string", "a=b"),
      tag("otel.dropped_attributes_count", "int64", 1),
      tag("otel.dropped_events_count", "int64", 2),
      tag("otel.dropped_links_count", "int64", 3),
    ]);
    assert.deepEqual(fieldsOf({ status: { code: 1 } }).tags, [tag("otel.status_code", "string", "OK")]);
  });

  it("an unknown kind or status is no tag for Jaeger's UI", () => {
    assert.deepEqual(fieldsOf({ kind: 9 as never, status: { code: 7 as never } }).tags, []);
  });

  it("the parent comes first among the references of Jaeger's UI, and links without an id are left out", () => {
    const other = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2) };
    const links = [
      other,
      { ...other, attributes: makeAttributes({ "opentracing.ref_type": "child_of" }) },
      { traceId: Buffer.alloc(16), spanId: Buffer.alloc(8) },
    ];
    const ref = (refType: string, traceID: string, spanID: string) => ({ refType, traceID, spanID });
    assert.deepEqual(fieldsOf({ parentSpanId: Buffer.alloc(8, 9), links }).references, [
      ref("CHILD_OF", "ab".repeat(16), "09".repeat(8)),
      ref("FOLLOWS_FROM", "01".repeat(16), "02".repeat(8)),
      ref("CHILD_OF", "01".repeat(16), "02".repeat(8)),
    ]);
    assert.deepEqual(fieldsOf({ parentSpanId: Buffer.alloc(8) }).references, []);
  });

  it("events are logs for Jaeger's UI with the name as the field event, unless an attribute has that key", () => {
    const events = [
      {
        timeUnixNano: 5_000n,
        name: "retry",
        attributes: makeAttributes({ n: 2 }),
        droppedAttributesCount: 1,
      },
      { timeUnixNano: 6_999n, name: "retry", attributes: makeAttributes({ event: "own" }) },
    ];
    assert.deepEqual(fieldsOf({ events }).logs, [
      {
        timestamp: 5,
        fields: [
          tag("event", "string", "retry"),
          tag("n", "int64", 2),
          tag("otel.dropped_attributes_count", "int64", 1),
        ],
      },
      { timestamp: 6, fields: [tag("event", "string", "own")] },
    ]);
  });

  it("a span for Jaeger's UI with too many attributes to decode at once says how much is not shown", () => {
    const attributes = makeAttributes(
      Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i])),
    );
    const { warnings, tags } = fieldsOf({ attributes });
    assert.match(warnings[0], /^\d+ bytes of this span are not shown/);
    assert.ok(tags.length > 1_000);
  });

  it("the resource is the process for Jaeger's UI, and one without a name has the name that Jaeger gives it", () => {
    const processOf = (attributes: Parameters<typeof makeAttributes>[0]) => {
      const resource = toBinary(
        ResourceSchema,
        create(ResourceSchema, { attributes: makeAttributes(attributes) }),
      );
      return JSON.parse(uiSpanOf(encodedItem({ resource })).process);
    };
    assert.deepEqual(processOf({ "service.name": "shop", "host.name": "web-1" }), {
      serviceName: "shop",
      tags: [tag("host.name", "string", "web-1")],
    });
    assert.deepEqual(processOf({}), { serviceName: "OTLPResourceNoServiceName", tags: [] });
  });
});
