import type { Signal } from "../../src/domain/signal.ts";
import { fixed64, lengthDelimited, tag, traceRequest, validSpanFields, varintField } from "./wire.ts";

// Requests that cost their receiver more than any sensible request of their length does.

export interface HostileRequest {
  readonly name: string;
  readonly signal: Signal;
  readonly bytes: Uint8Array;
}

/** As many copies of a piece as fit into so many bytes. */
function filled(bytes: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const piece = Buffer.concat(parts);
  return Buffer.alloc(Math.floor(bytes / piece.byteLength) * piece.byteLength, piece);
}

const utf8 = (text: string) => Buffer.from(text);
const keyValue = (key: string, ...value: readonly Uint8Array[]) =>
  Buffer.concat([lengthDelimited(1, utf8(key)), lengthDelimited(2, ...value)]);
const metric = (...fields: readonly Uint8Array[]) =>
  lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, ...fields)));
/** A data point of one of the kinds of data, which is the field of its metric. */
const point = (data: number, ...fields: readonly Uint8Array[]) =>
  metric(lengthDelimited(data, lengthDelimited(1, fixed64(3, 1n), ...fields)));

/** An AnyValue of arrays in arrays. */
function nested(depth: number): Uint8Array {
  let value: Uint8Array = varintField(3, 1);
  for (let i = 0; i < depth; i++) value = lengthDelimited(5, lengthDelimited(1, value));
  return value;
}

/** @param bytes that each takes, about */
export function hostileRequests(bytes: number): readonly HostileRequest[] {
  const room = bytes - 128;
  const logs = (...scopeFields: readonly Uint8Array[]) =>
    lengthDelimited(1, lengthDelimited(2, ...scopeFields));
  const empty = lengthDelimited(2);
  const half = Math.floor(room / 16) - 1;
  /** NumberDataPoint.as_int */
  const asInt = Buffer.concat([tag(6, 1), Buffer.alloc(8)]);
  const span = (...fields: readonly Uint8Array[]) =>
    traceRequest(Buffer.concat([validSpanFields, ...fields]));
  const serviceName = lengthDelimited(
    1,
    lengthDelimited(1, keyValue("service.name", lengthDelimited(1, utf8("shop")))),
  );
  const requests: readonly (readonly [name: string, signal: Signal, bytes: Uint8Array])[] = [
    ["empty spans", "traces", logs(filled(room, empty))],
    ["empty log records", "logs", logs(filled(room, empty))],
    [
      "as many empty log records as are taken, and their resource after them",
      "logs",
      lengthDelimited(1, lengthDelimited(2, filled(Math.min(room, 2 * 262_144), empty)), serviceName),
    ],
    ["empty resources", "logs", filled(room, lengthDelimited(1))],
    ["empty scopes", "logs", lengthDelimited(1, filled(room, empty))],
    ["empty metrics", "metrics", logs(filled(room, empty))],
    [
      "one kind of data after another",
      "metrics",
      metric(filled(Math.min(room, 2_000_000), lengthDelimited(5), lengthDelimited(7))),
    ],
    ["empty attributes", "traces", span(filled(room, lengthDelimited(9)))],
    ["attributes", "traces", span(filled(room, lengthDelimited(9, keyValue("k", varintField(3, 1)))))],
    ["empty events", "traces", span(filled(room, lengthDelimited(11)))],
    ["deep values", "traces", span(filled(room, lengthDelimited(9, keyValue("k", nested(25)))))],
    [
      "attributes of a resource",
      "logs",
      lengthDelimited(
        1,
        lengthDelimited(1, filled(room, lengthDelimited(1, keyValue("service.name", lengthDelimited(1))))),
      ),
    ],
    [
      "an attribute of a resource that comes again and again",
      "logs",
      lengthDelimited(
        1,
        lengthDelimited(1, lengthDelimited(1, filled(Math.min(room, 2_000_000), lengthDelimited(1)))),
      ),
    ],
    ["buckets", "metrics", point(10, lengthDelimited(8, lengthDelimited(2, filled(room, Uint8Array.of(0)))))],
    [
      "buckets and bounds",
      "metrics",
      point(9, lengthDelimited(6, Buffer.alloc(8 * half + 8)), lengthDelimited(7, Buffer.alloc(8 * half))),
    ],
    ["exemplars", "metrics", point(7, asInt, filled(room, lengthDelimited(5)))],
    ["a name again and again", "traces", span(filled(room, lengthDelimited(5, Buffer.alloc(8))))],
    ["a long name", "traces", span(lengthDelimited(5, Buffer.alloc(room, "n")))],
    ["unknown fields", "traces", filled(room, varintField(15, 0))],
    ["unknown fields with long tags", "traces", filled(room, Uint8Array.of(0xf8, 0x80, 0x80, 0x80, 0x08, 0))],
    ["a fault behind empty log records", "logs", logs(filled(room, empty), Uint8Array.of(0x0f))],
    [
      "a rejected span behind others",
      "traces",
      logs(filled(room, lengthDelimited(2, validSpanFields)), empty),
    ],
  ];
  return requests.map(([name, signal, request]) => ({ name, signal, bytes: request }));
}

/** The same in OTLP/JSON. */
export function hostileJson(bytes: number): readonly HostileRequest[] {
  const room = bytes - 300;
  const list = (element: string, before: string, after: string) =>
    before + `${element},`.repeat(Math.floor(room / (element.length + 1)) - 1) + element + after;
  const ids = `"traceId":"${"ab".repeat(16)}","spanId":"${"cd".repeat(8)}"`;
  const spans = (element: string) => list(element, '{"resourceSpans":[{"scopeSpans":[{"spans":[', "]}]}]}");
  const ofSpan = (name: string, element: string) =>
    list(element, `{"resourceSpans":[{"scopeSpans":[{"spans":[{${ids},"${name}":[`, "]}]}]}]}");
  const histogram = (name: string, element: string) =>
    list(
      element,
      `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"timeUnixNano":"1","${name}":[`,
      "]}]}}]}]}]}",
    );
  const deep = `${'{"arrayValue":{"values":['.repeat(14)}{"intValue":"1"}${"]}}".repeat(14)}`;
  const text = (piece: string) =>
    `{"resourceSpans":[{"scopeSpans":[{"spans":[{${ids},"name":"${piece.repeat(Math.floor(room / piece.length))}"}]}]}]}`;
  const requests: readonly (readonly [name: string, signal: Signal, json: string])[] = [
    ["empty spans", "traces", spans("{}")],
    ["empty log records", "logs", list("{}", '{"resourceLogs":[{"scopeLogs":[{"logRecords":[', "]}]}]}")],
    ["empty resources", "logs", list("{}", '{"resourceLogs":[', "]}")],
    ["spans with a fault", "traces", spans('{"kind":"X"}')],
    ["spans with a fault in an event", "traces", spans('{"events":[{"timeUnixNano":"x"}]}')],
    ["nulls", "traces", spans("null")],
    ["attributes", "traces", ofSpan("attributes", '{"key":"k","value":{"intValue":"1"}}')],
    ["attributes with a fault", "traces", ofSpan("attributes", '{"key":1}')],
    ["empty events", "traces", ofSpan("events", "{}")],
    ["deep values", "traces", ofSpan("attributes", `{"key":"k","value":${deep}}`)],
    ["buckets", "metrics", histogram("bucketCounts", "0")],
    ["buckets as text", "metrics", histogram("bucketCounts", '"0"')],
    ["bounds", "metrics", histogram("explicitBounds", "0")],
    ["bounds with exponents", "metrics", histogram("explicitBounds", "1.7976931348623157e308")],
    ["bounds of many digits", "metrics", histogram("explicitBounds", `0.${"123456789".repeat(80)}`)],
    ["a name of escapes", "traces", text("\\u00e9")],
    ["a name of halves of pairs", "traces", text("\\ud800")],
    ["a long name", "traces", text("n")],
    [
      "bytes in base64",
      "logs",
      list('{"body":{"bytesValue":"AAAA"}}', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[', "]}]}]}"),
    ],
    ["unknown fields", "traces", spans('{"x":0}')],
    [
      "an unknown value in arrays",
      "traces",
      `{"x":${"[".repeat(Math.floor(room / 2))}${"]".repeat(Math.floor(room / 2))}}`,
    ],
    ["white space", "traces", `{"resourceSpans":[]${" ".repeat(room)}}`],
    ["a fault at the end", "traces", `${spans("{}")}x`],
  ];
  return requests.map(([name, signal, json]) => ({ name, signal, bytes: Buffer.from(json) }));
}
