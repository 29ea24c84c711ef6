import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ObsvtyError } from "../../../../src/domain/errors.ts";
import { type Signal, signals } from "../../../../src/domain/signal.ts";
import { encodeJsonRequest } from "../../../../src/otlp/json/encode-request.ts";
import { writeJsonRequest } from "../../../../src/otlp/json/write-request.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { encode, requestOf } from "../../../contract/store-requests.ts";

const inSpan = "resourceSpans[0].scopeSpans[0].spans[0]";

function encodeText(signal: Signal, json: string): Uint8Array {
  return encodeJsonRequest(signal, Buffer.from(json));
}

/** The decoded span of a request whose only span has these members, given as JSON text. */
function spanOf(members: string) {
  const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`;
  return fromBinary(requestSchemas.traces, encodeText("traces", json)).resourceSpans[0]!.scopeSpans[0]!
    .spans[0]!;
}

function attributeOf(value: string) {
  return spanOf(`"attributes":[{"key":"k","value":${value}}]`).attributes[0]!.value?.value;
}

/** The decoded point of a gauge whose only point has these members, given as JSON text. */
function pointOf(members: string) {
  const json = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{${members}}]}}]}]}]}`;
  const metric = fromBinary(requestSchemas.metrics, encodeText("metrics", json)).resourceMetrics[0]!
    .scopeMetrics[0]!.metrics[0]!;
  assert.equal(metric.data.case, "gauge");
  return (
    metric.data.value as { dataPoints: { value: { case?: string; value?: unknown }; timeUnixNano: bigint }[] }
  ).dataPoints[0]!;
}

describe("the OTLP/JSON reader", () => {
  test("reads hex ids in any letter case, in spans, links and exemplars", () => {
    const id = "5B8EFFF798038103d269b633813fc60c";
    const bytes = new Uint8Array(Buffer.from(id, "hex"));
    const span = spanOf(
      `"traceId":"${id}","spanId":"EEE19b7ec3c1b174","parentSpanId":"","links":[{"traceId":"${id}"}]`,
    );
    assert.deepEqual(span.traceId, bytes);
    assert.deepEqual(Buffer.from(span.spanId).toString("hex"), "eee19b7ec3c1b174");
    assert.equal(span.parentSpanId.byteLength, 0);
    assert.deepEqual(span.links[0]?.traceId, bytes);
    const json = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"exemplars":[{"traceId":"${id}"}]}]}}]}]}]}`;
    assert.match(writeJsonRequest("metrics", encodeText("metrics", json)), new RegExp(id.toLowerCase()));
  });

  for (const [written, value] of [
    ["9223372036854775807", 2n ** 63n - 1n],
    ["-9223372036854775808", -(2n ** 63n)],
    ["9007199254740993", 2n ** 53n + 1n],
    ["0", 0n],
    ["1e3", 1000n],
    ["5.0", 5n],
  ] as const) {
    test(`reads the 64-bit integer ${written}, as a number and as a string, without loss`, () => {
      assert.deepEqual(attributeOf(`{"intValue":${written}}`), { case: "intValue", value });
      assert.deepEqual(attributeOf(`{"intValue":"${written}"}`), { case: "intValue", value });
    });
  }

  test("reads times up to the largest 64-bit integer", () => {
    const most = 2n ** 64n - 1n;
    assert.equal(spanOf(`"startTimeUnixNano":${most}`).startTimeUnixNano, most);
    assert.equal(spanOf(`"startTimeUnixNano" : "${most}"`).startTimeUnixNano, most);
  });

  test("reads doubles as numbers, strings and the words NaN and Infinity", () => {
    for (const [written, value] of [
      ["1.5", 1.5],
      ['"1.5"', 1.5],
      ["12345678901234567890", 12345678901234567000],
      ['"NaN"', Number.NaN],
      ['"Infinity"', Number.POSITIVE_INFINITY],
      ['"-Infinity"', Number.NEGATIVE_INFINITY],
    ] as const) {
      assert.deepEqual(attributeOf(`{"doubleValue":${written}}`), { case: "doubleValue", value });
    }
  });

  test("reads enums as known and unknown numbers, and as names", () => {
    for (const [written, kind] of [
      ["2", 2],
      ["99", 99],
      ['"SPAN_KIND_SERVER"', 2],
    ] as const) {
      assert.equal(spanOf(`"kind":${written}`).kind, kind);
    }
  });

  test("reads field names of the .proto files and ignores unknown fields of any content", () => {
    const deep = `${'{"a":['.repeat(5_000)}${"]}".repeat(5_000)}`;
    const span = spanOf(
      `"trace_id":"01","start_time_unix_nano":"7","nobody":{"traceId":5},"else":[null,${deep}]`,
    );
    assert.deepEqual([...span.traceId], [1]);
    assert.equal(span.startTimeUnixNano, 7n);
  });

  test("reads null as a field that is not set", () => {
    const span = spanOf(
      '"name":null,"attributes":null,"status":null,"startTimeUnixNano":null,"traceId":null',
    );
    assert.deepEqual([span.name, span.attributes.length, span.status], ["", 0, undefined]);
    assert.deepEqual(pointOf('"asDouble":null,"asInt":"5"').value, { case: "asInt", value: 5n });
  });

  test("reads null as NaN, as JavaScript's exporters write it, in a oneof that has no other member set", () => {
    assert.deepEqual(pointOf('"asDouble":null').value, { case: "asDouble", value: Number.NaN });
    assert.deepEqual(attributeOf('{"doubleValue":null}'), { case: "doubleValue", value: Number.NaN });
  });

  test("reads an empty object as an attribute without a value", () => {
    assert.deepEqual(attributeOf("{}"), { case: undefined });
  });

  test("keeps zero, false and the empty string as set members of a oneof", () => {
    assert.deepEqual(attributeOf('{"intValue":0}'), { case: "intValue", value: 0n });
    assert.deepEqual(attributeOf('{"boolValue":false}'), { case: "boolValue", value: false });
    assert.deepEqual(attributeOf('{"stringValue":""}'), { case: "stringValue", value: "" });
  });

  test("reads base64 of either alphabet, with and without padding", () => {
    for (const written of ["+/8=", "-_8", "-_8="]) {
      assert.deepEqual(attributeOf(`{"bytesValue":"${written}"}`), {
        case: "bytesValue",
        value: Uint8Array.of(0xfb, 0xff),
      });
    }
  });

  test("skips a byte order mark and reads invalid UTF-8 as U+FFFD", () => {
    const json = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"?"}]}]}]}';
    const bytes = Buffer.from(`\ufeff${json}`);
    bytes[bytes.indexOf("?")] = 0xff;
    const request = fromBinary(requestSchemas.traces, encodeJsonRequest("traces", bytes));
    assert.equal(request.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.name, "\ufffd");
  });
});

describe("OTLP/JSON is refused, with the path, for", () => {
  const deep = (levels: number) =>
    `"attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(levels)}{}${"]}}".repeat(levels)}}]`;
  const cases: readonly (readonly [what: string, members: string, message: string | RegExp])[] = [
    ["an id that is not hex", '"traceId":"xyz"', `${inSpan}.traceId: must be a hex string`],
    ["an id with half a byte", '"spanId":"abc"', `${inSpan}.spanId: must be a hex string`],
    ["an id that is a number", '"spanId":12', `${inSpan}.spanId: must be a hex string`],
    ["a name that is a number", '"name":5', `${inSpan}.name: must be a string`],
    ["a list that is none", '"attributes":{}', `${inSpan}.attributes: must be an array`],
    ["null in a list", '"links":[{},null]', `${inSpan}.links[1]: must be an object`],
    ["a list for a message", '"status":[]', `${inSpan}.status: must be an object`],
    [
      "a wrong base64",
      '"attributes":[{"value":{"bytesValue":"*"}}]',
      `${inSpan}.attributes[0].value.bytesValue: must be a base64 string`,
    ],
    [
      "a boolean in words",
      '"attributes":[{"value":{"boolValue":"true"}}]',
      `${inSpan}.attributes[0].value.boolValue: must be true or false`,
    ],
    [
      "a fraction for an integer",
      '"attributes":[{"value":{"intValue":1.5}}]',
      /intValue: must be a whole number from -9223372036854775808 to/,
    ],
    [
      "2^63 for an int64",
      '"attributes":[{"value":{"intValue":9223372036854775808}}]',
      /intValue: must be a whole number/,
    ],
    [
      "2^64 for a time",
      '"startTimeUnixNano":"18446744073709551616"',
      /startTimeUnixNano: must be a whole number from 0 to 18446744073709551615/,
    ],
    ["a negative time", '"startTimeUnixNano":-1', /startTimeUnixNano: must be a whole number/],
    [
      "2^32 for a count",
      '"droppedLinksCount":4294967296',
      /droppedLinksCount: must be a whole number from 0 to 4294967295/,
    ],
    [
      "words for a double",
      '"attributes":[{"value":{"doubleValue":"many"}}]',
      /doubleValue: must be a number, "NaN"/,
    ],
    [
      "an enum that nobody knows by name",
      '"kind":"SPAN_KIND_NEW"',
      `${inSpan}.kind: must be an enum value's number or name`,
    ],
    [
      "two values at once",
      '"attributes":[{"value":{"intValue":1,"boolValue":true}}]',
      `${inSpan}.attributes[0].value.boolValue: another value of value is set too`,
    ],
    ["messages in too many levels", deep(40), /: nested deeper than 64 messages$/],
  ];
  for (const [what, members, message] of cases) {
    test(what, () => {
      assert.throws(() => spanOf(members), { name: "ObsvtyError", code: "not-the-message", message });
    });
  }

  for (const [what, json, message] of [
    ["nothing", "", /^not JSON/],
    ["no JSON", '{"resourceSpans":[secret]}', /^not JSON( at position \d+)?$/],
    ["half of it", '{"resourceSpans":[{"scopeSpans"', /^not JSON/],
    ["a list", "[]", "the request: must be an object"],
    ["null", "null", "the request: must be an object"],
    ["a string", '"secret"', "the request: must be an object"],
  ] as const) {
    test(`${what} instead of a request, without a word of it`, () => {
      assert.throws(() => encodeText("traces", json), { code: "not-the-message", message });
    });
  }

  test("hostile nesting, where digits have to be kept too", () => {
    const levels = 200_000;
    const json = `{"nobody":${"[".repeat(levels)}12345678901234567890${"]".repeat(levels)}}`;
    assert.throws(() => encodeText("traces", json), {
      code: "not-the-message",
      message: "not JSON: nested too deeply",
    });
  });
});

describe("OTLP/JSON damaged at random", () => {
  test("is either read or refused with not-the-message, whatever the damage to the OTLP/JSON is", () => {
    const texts = signals.map(
      (signal) =>
        [signal, writeJsonRequest(signal, encode(signal, requestOf(signal, 3, { seed: 5 })))] as const,
    );
    const scrap = fc.constantFrom(
      "",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "null",
      "1e999",
      '"',
      "-1",
      '{"a":1}',
      "9".repeat(30),
      "\\u",
    );
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(20), scrap, ([signal, text], at, cut, put) => {
        const from = at % text.length;
        const damaged = text.slice(0, from) + put + text.slice(from + cut);
        try {
          encodeText(signal, damaged);
        } catch (error) {
          assert.ok(error instanceof ObsvtyError && error.code === "not-the-message", String(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
