import { lengthDelimited, tag, traceRequest, validSpanFields, varint, varintField } from "./wire.ts";

export interface MalformedRequest {
  readonly name: string;
  /** Not an ExportTraceServiceRequest. */
  readonly bytes: Uint8Array;
  /** The whole message of the refusal. */
  readonly message: string;
}

const inSpan = "resource_spans[0].scope_spans[0].spans[0]";

/**
 * An attribute that nests so that the whole request has this many levels, when it is in a message of the fourth, as a
 * span is.
 * @param field of the attributes in that message
 */
export function deepAttribute(levels: number, field: number): Uint8Array {
  // Request, ResourceSpans, ScopeSpans, Span, KeyValue and the outermost AnyValue are six.
  let value: Uint8Array = varintField(3, 1);
  for (let level = 6; level + 2 <= levels; level += 2) value = lengthDelimited(5, lengthDelimited(1, value));
  return lengthDelimited(field, lengthDelimited(1, Buffer.from("deep")), lengthDelimited(2, value));
}

/** A request of exactly 64 levels, which is the deepest one that is taken. */
export const deepestRequest: Uint8Array = traceRequest(deepSpan(64));

/** A span that is valid but for messages of so many levels, counted from the request. */
export function deepSpan(levels: number): Uint8Array {
  return Buffer.concat([validSpanFields, deepAttribute(levels, 9)]);
}

/** Offset of the first byte of the span in `traceRequest(span)`, whose three lengths take one byte each. */
const spanAt = 6;

export const malformedRequests: readonly MalformedRequest[] = [
  {
    name: "a truncated tag",
    bytes: Uint8Array.of(0x80),
    message: "request: truncated varint at byte 0",
  },
  {
    name: "a truncated length",
    bytes: Uint8Array.of(0x0a, 0x80),
    message: "resource_spans[0]: truncated varint at byte 0",
  },
  {
    name: "no length at all",
    bytes: Uint8Array.of(0x0a),
    message: "resource_spans[0]: truncated varint at byte 0",
  },
  {
    name: "a length past the request",
    bytes: Uint8Array.of(0x0a, 0x05, 0x12),
    message: "resource_spans[0]: length 5 runs past its parent at byte 0",
  },
  {
    name: "a length of 4 GiB less one",
    bytes: Buffer.concat([Uint8Array.of(0x0a), varint(0xffffffff)]),
    message: "resource_spans[0]: length 4294967295 runs past its parent at byte 0",
  },
  {
    name: "a length past its parent inside of the second span",
    bytes: traceRequest(validSpanFields, Buffer.concat([validSpanFields, tag(5, 2), varint(9000)])),
    message: `resource_spans[0].scope_spans[0].spans[1].name: length 9000 runs past its parent at byte ${spanAt + 28 + 2 + 28}`,
  },
  {
    name: "a varint that ends with its parent",
    bytes: traceRequest(Buffer.concat([validSpanFields, tag(6, 0), Uint8Array.of(0xff)])),
    message: `${inSpan}.kind: truncated varint at byte ${spanAt + 28}`,
  },
  {
    name: "a varint of eleven bytes",
    bytes: traceRequest(
      Buffer.concat([validSpanFields, tag(6, 0), Buffer.alloc(10, 0x80), Uint8Array.of(0)]),
    ),
    message: `${inSpan}.kind: varint of more than 64 bits at byte ${spanAt + 28}`,
  },
  {
    name: "a varint of ten bytes that is over 64 bits",
    bytes: traceRequest(Buffer.concat([validSpanFields, tag(6, 0), Buffer.alloc(9, 0x80), Uint8Array.of(2)])),
    message: `${inSpan}.kind: varint of more than 64 bits at byte ${spanAt + 28}`,
  },
  {
    name: "an attribute's integer of ten bytes that is over 64 bits",
    bytes: traceRequest(
      Buffer.concat([
        validSpanFields,
        lengthDelimited(
          9,
          lengthDelimited(1, Buffer.from("k")),
          lengthDelimited(2, tag(3, 0), Buffer.alloc(9, 0xff), Uint8Array.of(2)),
        ),
      ]),
    ),
    message: `${inSpan}.attributes[0].value.int_value: varint of more than 64 bits at byte ${spanAt + 28 + 7}`,
  },
  {
    name: "a length of ten bytes that is over 64 bits",
    bytes: traceRequest(Buffer.concat([validSpanFields, tag(5, 2), Buffer.alloc(9, 0x80), Uint8Array.of(2)])),
    message: `${inSpan}.name: varint of more than 64 bits at byte ${spanAt + 28}`,
  },
  {
    name: "the length of a resource, over 64 bits",
    bytes: Buffer.concat([tag(1, 2), varint(11), tag(1, 2), Buffer.alloc(9, 0x80), Uint8Array.of(2)]),
    message: "resource_spans[0].resource: varint of more than 64 bits at byte 2",
  },
  {
    name: "a tag of six bytes",
    bytes: traceRequest(
      Buffer.concat([validSpanFields, Uint8Array.of(0xfa, 0x81, 0x80, 0x80, 0x80, 0x00, 0x00)]),
    ),
    message: `${inSpan}.field 31: invalid field number at byte ${spanAt + 28}`,
  },
  {
    name: "a fixed64 that runs past its parent",
    bytes: traceRequest(Buffer.concat([validSpanFields, tag(7, 1), Buffer.alloc(7)])),
    message: `${inSpan}.start_time_unix_nano: value of 8 bytes runs past its parent at byte ${spanAt + 28}`,
  },
  {
    name: "a fixed32 that runs past its parent",
    bytes: traceRequest(Buffer.concat([validSpanFields, tag(16, 5), Buffer.alloc(3)])),
    message: `${inSpan}.flags: value of 4 bytes runs past its parent at byte ${spanAt + 28}`,
  },
  {
    name: "a group",
    bytes: traceRequest(Buffer.concat([validSpanFields, tag(200, 3), tag(200, 4)])),
    message: `${inSpan}.field 200: groups are not part of OTLP at byte ${spanAt + 28}`,
  },
  {
    name: "wire type 6",
    bytes: traceRequest(Buffer.concat([validSpanFields, tag(30, 6)])),
    message: `${inSpan}.field 30: unknown wire type 6 at byte ${spanAt + 28}`,
  },
  {
    name: "field number 0",
    bytes: traceRequest(Buffer.concat([validSpanFields, Uint8Array.of(0x02, 0x00)])),
    message: `${inSpan}.field 0: invalid field number at byte ${spanAt + 28}`,
  },
  {
    name: "a known field with another wire type",
    bytes: traceRequest(Buffer.concat([validSpanFields, varintField(5, 7)])),
    message: `${inSpan}.name: wire type 0 is not that of the field at byte ${spanAt + 28}`,
  },
  {
    name: "102 levels of messages",
    bytes: traceRequest(deepSpan(102)),
    message: `${`${inSpan}.attributes[0].value${".array_value.values[0]".repeat(47)}`.slice(0, 800)}...: nested deeper than 100 messages at byte`,
  },
  {
    name: "66 levels of messages in a scope",
    bytes: lengthDelimited(1, lengthDelimited(2, lengthDelimited(1, deepAttribute(66, 3)))),
    message: `resource_spans[0].scope_spans[0].scope.attributes[0].value${".array_value.values[0]".repeat(29)}.array_value: nested deeper than 64 messages at byte`,
  },
];
