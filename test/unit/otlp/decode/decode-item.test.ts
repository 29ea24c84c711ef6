import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { InstrumentationScopeSchema } from "../../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { LogRecordSchema } from "../../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { ResourceSchema } from "../../../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import { SpanSchema } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { decodeLogRecord, decodeSpan } from "../../../../src/otlp/decode/decode-item.ts";
import { encodedItem } from "../../../support/encoded-item.ts";
import type { Overrides } from "../../../support/otlp.ts";
import { type AttributeValues, makeAttributes } from "../../../support/otlp-attributes.ts";

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

/** The resource and scope of an item that was sent without any. */
const noContext = {
  resourceDetails: { schemaUrl: "", droppedAttributesCount: 0, entityRefs: [] },
  scope: { name: "", version: "", attributes: {}, droppedAttributesCount: 0, schemaUrl: "" },
  omittedBytes: 0,
};

describe("decodeSpan", () => {
  it("every field of a span is decoded", () => {
    const span = spanFrom({
      traceId: hex("5b8efff798038103d269b633813fc60c"),
      spanId: hex("eee19b7ec3c1b174"),
      parentSpanId: hex("00000000000000ff"),
      traceState: "a=1",
      flags: 0xffff_ffff,
      name: "GET /",
      kind: 2,
      startTimeUnixNano: 1_544_712_660_123_456_789n,
      endTimeUnixNano: 2n ** 64n - 1n,
      attributes: makeAttributes({ a: "b" }),
      droppedAttributesCount: 1,
      events: [
        { timeUnixNano: 5n, name: "e", attributes: makeAttributes({ c: 1 }), droppedAttributesCount: 2 },
      ],
      droppedEventsCount: 3,
      links: [
        {
          traceId: hex("aa"),
          spanId: hex("BB"),
          traceState: "b=2",
          attributes: makeAttributes({ d: true }),
          droppedAttributesCount: 4,
          flags: 5,
        },
      ],
      droppedLinksCount: 6,
      status: { code: 2, message: "boom" },
    });
    assert.deepEqual(span, {
      ordinal: 7,
      service: "",
      resource: {},
      ...noContext,
      traceId: "5b8efff798038103d269b633813fc60c",
      spanId: "eee19b7ec3c1b174",
      parentSpanId: "00000000000000ff",
      traceState: "a=1",
      flags: 0xffff_ffff,
      name: "GET /",
      kind: 2,
      startUnixNano: 1_544_712_660_123_456_789n,
      endUnixNano: 2n ** 64n - 1n,
      attributes: { a: "b" },
      events: [{ timeUnixNano: 5n, name: "e", attributes: { c: 1 }, droppedAttributesCount: 2 }],
      links: [
        {
          traceId: "aa",
          spanId: "bb",
          traceState: "b=2",
          attributes: { d: true },
          droppedAttributesCount: 4,
          flags: 5,
        },
      ],
      status: { code: 2, message: "boom" },
      droppedAttributesCount: 1,
      droppedEventsCount: 3,
      droppedLinksCount: 6,
    });
  });

  it("an all-zero parent of a span and all-zero ids of links are shown as not set", () => {
    const span = spanFrom({
      parentSpanId: new Uint8Array(8),
      links: [{ traceId: new Uint8Array(16), spanId: new Uint8Array(8) }],
    });
    assert.deepEqual([span.parentSpanId, span.links[0]?.traceId, span.links[0]?.spanId], ["", "", ""]);
  });

  it("an empty span is decoded", () => {
    const span = decodeSpan(encodedItem({}));
    assert.deepEqual([span.traceId, span.name, span.startUnixNano], ["", "", 0n]);
    assert.deepEqual(span.status, { code: 0, message: "" });
  });

  it("the resource and the scope of a span are decoded", () => {
    const resource = { "service.name": "shop", replicas: 3 };
    const entity = {
      schemaUrl: "e",
      type: "service",
      idKeys: ["service.name"],
      descriptionKeys: ["replicas"],
    };
    const span = decodeSpan(
      encodedItem({
        resource: resourceBytes(resource, { droppedAttributesCount: 3, entityRefs: [entity] }),
        resourceSchemaUrl: "r",
        scope: toBinary(
          InstrumentationScopeSchema,
          create(InstrumentationScopeSchema, {
            name: "http",
            version: "1.0",
            attributes: makeAttributes({ a: 1 }),
            droppedAttributesCount: 2,
          }),
        ),
        scopeSchemaUrl: "s",
      }),
    );
    assert.equal(span.service, "shop");
    assert.deepEqual(span.resource, resource);
    assert.deepEqual(span.resourceDetails, {
      schemaUrl: "r",
      droppedAttributesCount: 3,
      entityRefs: [entity],
    });
    assert.deepEqual(span.scope, {
      name: "http",
      version: "1.0",
      attributes: { a: 1 },
      droppedAttributesCount: 2,
      schemaUrl: "s",
    });
  });

  for (const [why, attributes] of [
    ["is absent", {}],
    ["is a number", { "service.name": 42 }],
    ["is bytes", { "service.name": Uint8Array.of(1) }],
  ] as [string, AttributeValues][]) {
    it(`a resource has no service name when its service.name ${why}`, () => {
      const span = decodeSpan(encodedItem({ resource: resourceBytes(attributes) }));
      assert.equal(span.service, "");
    });
  }

  it("unknown enum values of a span are kept, and its unknown fields skipped", () => {
    const known = spanBytes({ name: "x", kind: 99 as never, status: { code: -1 as never } });
    const unknown = new BinaryWriter()
      .tag(900, WireType.LengthDelimited)
      .bytes(Uint8Array.of(0xff, 0xff))
      .tag(901, WireType.Bit32)
      .fixed32(1)
      .tag(902, WireType.Bit64)
      .fixed64(1n)
      .tag(903, WireType.Varint)
      .uint64(2n ** 64n - 1n)
      .finish();
    const item = new Uint8Array(Buffer.concat([unknown, known, unknown]));
    const span = decodeSpan(encodedItem({ item }));
    assert.deepEqual([span.name, span.kind, span.status.code], ["x", 99, -1]);
  });
});

describe("invalid UTF-8", () => {
  // Each row has the bytes, and the text that the WHATWG decoder makes of them.
  for (const [why, bytes, shown] of [
    ["a byte that never occurs", [0x61, 0xff, 0x62], "a\ufffdb"],
    ["a truncated sequence", [0x61, 0xe2, 0x82], "a\ufffd"],
    ["a surrogate half", [0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    ["an overlong slash", [0xc0, 0xaf], "\ufffd\ufffd"],
    ["a long string", [...Array(100).fill(0x78), 0xfe], `${"x".repeat(100)}\ufffd`],
  ] as [string, number[], string][]) {
    it(`invalid UTF-8 is decoded to U+FFFD: ${why}`, () => {
      const text = Uint8Array.from(bytes);
      const keyValue = new BinaryWriter()
        .tag(1, WireType.LengthDelimited)
        .bytes(text)
        .tag(2, WireType.LengthDelimited)
        .bytes(new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(text).finish())
        .finish();
      const item = new BinaryWriter()
        .tag(5, WireType.LengthDelimited)
        .bytes(text)
        .tag(9, WireType.LengthDelimited)
        .bytes(keyValue)
        .finish();
      const resource = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(keyValue).finish();
      const scope = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(text).finish();
      const span = decodeSpan(encodedItem({ item, resource, scope }));
      assert.equal(span.name, shown);
      assert.deepEqual(span.attributes, { [shown]: shown });
      assert.deepEqual(span.resource, { [shown]: shown });
      assert.equal(span.scope.name, shown);
    });
  }

  it("the generated schemas still refuse invalid UTF-8; the decoder uses lenient copies of them", async () => {
    const { fromBinary } = await import("@bufbuild/protobuf");
    const item = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(Uint8Array.of(0xff)).finish();
    assert.throws(() => fromBinary(SpanSchema, item));
  });

  it("a byte order mark in a text is kept by the decoder", () => {
    assert.equal(spanFrom({ name: "\ufeffx" }).name, "\ufeffx");
  });
});

describe("decodeLogRecord", () => {
  it("every field of a log record is decoded", () => {
    const log = logFrom({
      timeUnixNano: 1n,
      observedTimeUnixNano: 2n,
      severityNumber: 17,
      severityText: "ERR",
      body: { value: { case: "stringValue", value: "text" } },
      attributes: makeAttributes({ a: 1 }),
      droppedAttributesCount: 3,
      flags: 4,
      traceId: hex("aa"),
      spanId: hex("bb"),
      eventName: "e",
    });
    assert.deepEqual(log, {
      ordinal: 0,
      service: "",
      resource: {},
      ...noContext,
      timeUnixNano: 1n,
      observedTimeUnixNano: 2n,
      severityNumber: 17,
      severityText: "ERR",
      body: "text",
      eventName: "e",
      attributes: { a: 1 },
      droppedAttributesCount: 3,
      flags: 4,
      traceId: "aa",
      spanId: "bb",
    });
  });

  it("the all-zero ids of a log record are shown as not set", () => {
    const log = logFrom({ traceId: new Uint8Array(16), spanId: new Uint8Array(8) });
    assert.deepEqual([log.traceId, log.spanId], ["", ""]);
  });

  it("ids of a log record with a wrong length are shown as they were sent", () => {
    const log = logFrom({ traceId: hex("0badcafe"), spanId: hex("00ff") });
    assert.deepEqual([log.traceId, log.spanId], ["0badcafe", "00ff"]);
  });

  it("a log record without a body differs from one with an empty body", () => {
    assert.equal(logFrom({}).body, undefined);
    assert.equal(logFrom({ body: {} }).body, null);
    assert.equal(logFrom({ body: { value: { case: "stringValue", value: "" } } }).body, "");
  });
});

function spanBytes(fields: Overrides<typeof SpanSchema>): Uint8Array {
  return toBinary(SpanSchema, create(SpanSchema, fields));
}

function spanFrom(fields: Overrides<typeof SpanSchema>) {
  return decodeSpan(encodedItem({ ordinal: 7, item: spanBytes(fields) }));
}

function logFrom(fields: Overrides<typeof LogRecordSchema>) {
  const item = toBinary(LogRecordSchema, create(LogRecordSchema, fields));
  return decodeLogRecord(encodedItem({ item }));
}

function resourceBytes(
  attributes: AttributeValues,
  fields: Overrides<typeof ResourceSchema> = {},
): Uint8Array {
  const resource = create(ResourceSchema, { ...fields, attributes: makeAttributes(attributes) });
  return toBinary(ResourceSchema, resource);
}
