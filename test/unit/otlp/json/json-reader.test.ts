import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import type { NumberDataPoint } from "../../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { ObsvtyError } from "../../../../src/domain/errors.ts";
import { type Signal, signals } from "../../../../src/domain/signal.ts";

import { pathAsSent } from "../../../../src/otlp/json/request-path.ts";
import { writeJsonRequest } from "../../../../src/otlp/json/write-request.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { encode, requestOf } from "../../../contract/store-requests.ts";
import { readJson } from "../../../support/read-json.ts";

function encodeWithFaults(signal: Signal, json: string) {
  const { bytes, report } = readJson(signal, Buffer.from(json));
  return { bytes, ...report };
}

/** The bytes of a request without any fault. */
function encodeText(signal: Signal, json: string): Uint8Array {
  const { bytes, rejections, omissions, unknownField } = encodeWithFaults(signal, json);
  assert.deepEqual([rejections, omissions, unknownField], [[], [], undefined]);
  return bytes;
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
  return (metric.data.value as { dataPoints: NumberDataPoint[] }).dataPoints[0]!;
}

describe("the OTLP/JSON reader", () => {
  test("OTLP/JSON: hex ids are read in any letter case, in spans, links and exemplars", () => {
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
    test(`OTLP/JSON: the 64-bit integer ${written} is read without loss, as a number and as a string`, () => {
      assert.deepEqual(attributeOf(`{"intValue":${written}}`), { case: "intValue", value });
      assert.deepEqual(attributeOf(`{"intValue":"${written}"}`), { case: "intValue", value });
    });
  }

  test("OTLP/JSON: times are read up to the largest 64-bit integer", () => {
    const most = 2n ** 64n - 1n;
    assert.equal(spanOf(`"startTimeUnixNano":${most}`).startTimeUnixNano, most);
    assert.equal(spanOf(`"startTimeUnixNano" : "${most}"`).startTimeUnixNano, most);
  });

  test("OTLP/JSON: doubles are read as numbers, strings and the words NaN and Infinity", () => {
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

  test("OTLP/JSON: enums are read as known and unknown numbers, and as names", () => {
    for (const [written, kind] of [
      ["2", 2],
      ["99", 99],
      ['"SPAN_KIND_SERVER"', 2],
    ] as const) {
      assert.equal(spanOf(`"kind":${written}`).kind, kind);
    }
  });

  test("OTLP/JSON: field names of the .proto files are read, and unknown fields of any content ignored", () => {
    const deep = `${'{"a":['.repeat(5_000)}${"]}".repeat(5_000)}`;
    const span = spanOf(
      `"trace_id":"01","start_time_unix_nano":"7","nobody":{"traceId":5},"else":[null,${deep}]`,
    );
    assert.deepEqual([...span.traceId], [1]);
    assert.equal(span.startTimeUnixNano, 7n);
  });

  test("OTLP/JSON: an unknown field of any depth is ignored", () => {
    const levels = 200_000;
    const lists = `${"[".repeat(levels)}12345678901234567890${"]".repeat(levels)}`;
    assert.equal(spanOf(`"nobody":${lists},"name":"kept"`).name, "kept");
  });

  test("OTLP/JSON: null is a field that is not set", () => {
    const span = spanOf(
      '"name":null,"attributes":null,"status":null,"startTimeUnixNano":null,"traceId":null',
    );
    assert.deepEqual([span.name, span.attributes.length, span.status], ["", 0, undefined]);
    assert.deepEqual(pointOf('"asDouble":null,"asInt":"5"').value, { case: "asInt", value: 5n });
  });

  test("OTLP/JSON: null is NaN, as JavaScript's exporters write it, in a oneof that has no other member set", () => {
    assert.deepEqual(pointOf('"asDouble":null').value, { case: "asDouble", value: Number.NaN });
    assert.deepEqual(attributeOf('{"doubleValue":null}'), { case: "doubleValue", value: Number.NaN });
  });

  test("OTLP/JSON: an empty object is an attribute without a value", () => {
    assert.deepEqual(attributeOf("{}"), { case: undefined });
  });

  test("OTLP/JSON: zero, false and the empty string are set members of a oneof", () => {
    assert.deepEqual(attributeOf('{"intValue":0}'), { case: "intValue", value: 0n });
    assert.deepEqual(attributeOf('{"boolValue":false}'), { case: "boolValue", value: false });
    assert.deepEqual(attributeOf('{"stringValue":""}'), { case: "stringValue", value: "" });
  });

  test("OTLP/JSON: base64 is read in either alphabet, with and without padding", () => {
    for (const written of ["+/8=", "-_8", "-_8="]) {
      assert.deepEqual(attributeOf(`{"bytesValue":"${written}"}`), {
        case: "bytesValue",
        value: Uint8Array.of(0xfb, 0xff),
      });
    }
  });

  test("OTLP/JSON: a byte order mark is skipped, and invalid UTF-8 is read as U+FFFD", () => {
    const json = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"?"}]}]}]}';
    const bytes = Buffer.from(`\ufeff${json}`);
    bytes[bytes.indexOf("?")] = 0xff;
    const request = fromBinary(requestSchemas.traces, readJson("traces", bytes).bytes);
    assert.equal(request.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.name, "\ufffd");
  });
});

describe("the OTLP/JSON reader reads with care, after a longer request that it read so too,", () => {
  for (const mark of ["", "\ufeff"]) {
    for (let spaces = 0; spaces < 4; spaces++) {
      test(`OTLP/JSON: a request that ends with an unknown object is read, behind ${mark.length} marks and ${spaces} spaces`, () => {
        const begin = `${mark}${" ".repeat(spaces)}{"resourceSpans":[{"schemaUrl":5}],"x":`;
        encodeWithFaults("traces", `${begin}{"y":"${"y".repeat(1_000)}"}}`);
        assert.equal(encodeWithFaults("traces", `${begin}{}}`).omissions.length, 1);
      });
    }
  }
});

describe("the OTLP/JSON reader refuses the request for", () => {
  for (const [what, json, message] of [
    ["an empty text", "", "not JSON at position 0"],
    ["a text that is no JSON", '{"resourceSpans":[secret]}', "not JSON at position 18"],
    ["a text that ends early", '{"resourceSpans":[{"scopeSpans"', "not JSON at position 31"],
    [
      "protobuf",
      "\n\x10\x12\x0e\x12\x0csecret",
      "not JSON at position 1; the request looks like protobuf: its content type should say so",
    ],
    ["a list instead of the request", "[]", "the request: must be an object"],
    ["null instead of the request", "null", "the request: must be an object"],
    ["a string instead of the request", '"secret"', "the request: must be an object"],
    ["an object instead of resourceSpans", '{"resourceSpans":{}}', "resource_spans: must be an array"],
    ["null among resourceSpans", '{"resourceSpans":[null]}', "resource_spans[0]: must be an object"],
    [
      "a list instead of the resource",
      '{"resourceSpans":[{"resource":[]}]}',
      "resource_spans[0].resource: must be an object",
    ],
    [
      "an object instead of the attributes of a resource",
      '{"resourceSpans":[{},{"resource":{"attributes":{}}}]}',
      "resource_spans[1].resource.attributes: must be an array",
    ],
    [
      "a string instead of scopeSpans",
      '{"resourceSpans":[{"scopeSpans":"secret"}]}',
      "resource_spans[0].scope_spans: must be an array",
    ],
    [
      "a number instead of a scope",
      '{"resourceSpans":[{"scopeSpans":[{"scope":5}]}]}',
      "resource_spans[0].scope_spans[0].scope: must be an object",
    ],
    [
      "an object instead of spans",
      '{"resourceSpans":[{"scopeSpans":[{"spans":{}}]}]}',
      "resource_spans[0].scope_spans[0].spans: must be an array",
    ],
    [
      "a number among spans",
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{},5]}]}]}',
      "resource_spans[0].scope_spans[0].spans[1]: must be an object",
    ],
    [
      "a list instead of a resource, though a span before it has a fault too",
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":5}]}]},{"resource":[]}]}',
      "resource_spans[1].resource: must be an object",
    ],
  ] as const) {
    test(`OTLP/JSON: a request is refused for ${what}, and nothing of it is quoted`, () => {
      assert.throws(() => encodeText("traces", json), { code: "not-the-message", message });
    });
  }
});

describe("the OTLP/JSON reader, when it is strict, warns of", () => {
  const inLog = "resource_logs[0].scope_logs[0].log_records[0]";
  for (const [what, members, warning] of [
    ["an unknown field", '"new":{"a":1}', ["unknown field", `${inLog}."new"`]],
    ["an unknown field with a hostile name", '"\\u001b[2J":1', ["unknown field", `${inLog}."?[2J"`]],
    ["a trace id that is not hex", '"traceId":"-"', ["trace_id must be a hex string", `${inLog}.trace_id`]],
    ["a span id that is a number", '"spanId":5', ["span_id must be a hex string", `${inLog}.span_id`]],
    [
      "half of a surrogate pair",
      '"severityText":"\\udc00"',
      ["severity_text has half of a surrogate pair, kept as U+FFFD", `${inLog}.severity_text`],
    ],
    ["bytes that are not UTF-8", '"severityText":"\xff"', ["the request is not UTF-8", ""]],
  ] as const) {
    test(`OTLP/JSON: strict validation warns of ${what}, saying where`, () => {
      const json = Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${members}}]}]}]}`, "latin1");
      const [reason, path] = warning;
      const strict = readJson("logs", json, { isStrict: true });
      assert.deepEqual(strict.report.warnings, [{ reason, path, count: 1 }]);
      const lenient = readJson("logs", json);
      assert.deepEqual(lenient.report.warnings, []);
      assert.deepEqual(strict.bytes, lenient.bytes);
    });
  }
});

describe("the OTLP/JSON reader rejects an item alone, and names the path, for", () => {
  const inSpan = "resource_spans[0].scope_spans[0].spans[1]";
  const deep = (levels: number) =>
    `"attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(levels)}{}${"]}}".repeat(levels)}}]`;
  const attribute = (value: string) => `"attributes":[{"value":${value}}]`;
  const cases: readonly (readonly [what: string, members: string, path: string, reason: string | RegExp])[] =
    [
      ["an id that is not hex", '"traceId":"-"', ".trace_id", "trace_id must be a hex string"],
      [
        "an id that is a UUID",
        '"traceId":"5b8efff7-9803-8103-d269-b633813fc60c"',
        ".trace_id",
        "trace_id must be a hex string",
      ],
      ["an id with half a byte", '"spanId":"abc"', ".span_id", "span_id must be a hex string"],
      [
        "an id that is a number",
        '"parentSpanId":12',
        ".parent_span_id",
        "parent_span_id must be a hex string",
      ],
      [
        "an id of a link that is not hex",
        '"links":[{},{"traceId":"xyz"}]',
        ".links[1].trace_id",
        "trace_id must be a hex string",
      ],
      ["a name that is a number", '"name":5', ".name", "name must be a string"],
      ["an object instead of a list", '"attributes":{}', ".attributes", "attributes must be an array"],
      ["null in a list", '"links":[{},null]', ".links[1]", "links must be an object"],
      ["a list instead of a message", '"status":[]', ".status", "status must be an object"],
      [
        "a text that is not base64",
        attribute('{"bytesValue":"*"}'),
        ".attributes[0].value.bytes_value",
        "bytes_value must be a base64 string",
      ],
      [
        "a boolean in quotes",
        attribute('{"boolValue":"true"}'),
        ".attributes[0].value.bool_value",
        "bool_value must be true or false",
      ],
      [
        "words instead of an integer",
        attribute('{"intValue":"many"}'),
        ".attributes[0].value.int_value",
        /^int_value must be a whole number from -9223372036854775808 to/,
      ],
      [
        "words instead of a double",
        attribute('{"doubleValue":"many"}'),
        ".attributes[0].value.double_value",
        /^double_value must be a number, "NaN"/,
      ],
      [
        "2^64 instead of a time",
        '"startTimeUnixNano":"18446744073709551616"',
        ".start_time_unix_nano",
        /must be a whole number from 0 to 18446744073709551615$/,
      ],
      ["a negative time", '"endTimeUnixNano":-1', ".end_time_unix_nano", /must be a whole number from 0/],
      [
        "2^32 instead of a count",
        '"droppedLinksCount":4294967296',
        ".dropped_links_count",
        /must be a whole number from 0 to 4294967295$/,
      ],
      [
        "an unknown name of an enum value",
        '"kind":"SPAN_KIND_NEW"',
        ".kind",
        "kind must be an enum value's number or name",
      ],
      [
        "an enum value beyond int32",
        '"kind":2147483648',
        ".kind",
        "kind must be an enum value's number or name",
      ],
      [
        "two members of a oneof",
        attribute('{"intValue":1,"boolValue":true}'),
        ".attributes[0].value.bool_value",
        "bool_value is set beside another member of value",
      ],
    ];
  for (const [what, members, path, reason] of cases) {
    test(`an item of OTLP/JSON is rejected alone for ${what}`, () => {
      const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},{${members}},{"name":"c"}]}]}]}`;
      const { bytes, rejections, omissions } = encodeWithFaults("traces", json);
      const { spans } = fromBinary(requestSchemas.traces, bytes).resourceSpans[0]!.scopeSpans[0]!;
      assert.deepEqual(
        spans.map(({ name }) => name),
        ["a", "c"],
      );
      assert.equal(rejections.length, 1);
      assert.deepEqual([rejections[0]!.path, rejections[0]!.count, omissions.length], [inSpan + path, 1, 0]);
      if (typeof reason === "string") assert.equal(rejections[0]!.reason, reason);
      else assert.match(rejections[0]!.reason, reason);
    });
  }

  test("OTLP/JSON: an item is rejected alone for messages nested in more than 64 levels", () => {
    const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[{${deep(40)}}]}]}]}`;
    const { rejections } = encodeWithFaults("traces", json);
    assert.match(rejections[0]!.reason, / is nested deeper than 64 messages$/);
  });

  for (const [signal, before, faulty, after] of [
    ["logs", '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},', '{"severityNumber":"LOUD"}', ",{}]}]}]}"],
    [
      "profiles",
      '{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{},',
      '{"durationNano":-1}',
      ",{}]}]}]}",
    ],
    ...["gauge", "sum", "histogram", "exponentialHistogram", "summary"].map(
      (data) =>
        [
          "metrics",
          `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"${data}":{"dataPoints":[{},`,
          '{"timeUnixNano":"soon"}',
          ",{}]}}]}]}]}",
        ] as const,
    ),
  ] as const) {
    test(`OTLP/JSON: an item of ${signal} is rejected alone for its fault: ${before}`, () => {
      const good = readJson(signal, Buffer.from(`${before}{}${after}`.replace("{},{},", "{},")));
      const { bytes, rejections } = encodeWithFaults(signal, before + faulty + after);
      assert.deepEqual(bytes, good.bytes);
      assert.deepEqual(
        rejections.map(({ count }) => count),
        [1],
      );
      assert.match(rejections[0]!.path, /\[1\]\.\w+$/);
    });
  }

  for (const [what, metric, path, count] of [
    ["a name that is a number", '"name":5,"gauge":{"dataPoints":[{},{"flags":-1}]}', ".name", 2],
    [
      "an unknown temporality",
      '"sum":{"dataPoints":[{},{},{}],"aggregationTemporality":"WEEKLY"}',
      ".sum.aggregation_temporality",
      3,
    ],
    ["metadata that are no list", '"summary":{"dataPoints":[{}]},"metadata":{}', ".metadata", 1],
    ["two kinds of data", '"gauge":{"dataPoints":[{}]},"sum":{"dataPoints":[{},{}]}', ".sum", 3],
  ] as const) {
    test(`OTLP/JSON: all points are rejected of a metric that has ${what}`, () => {
      const json = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{${metric}},{"name":"kept"}]}]}]}`;
      const { bytes, rejections } = encodeWithFaults("metrics", json);
      const { metrics } = fromBinary(requestSchemas.metrics, bytes).resourceMetrics[0]!.scopeMetrics[0]!;
      assert.deepEqual(
        metrics.map(({ name }) => name),
        ["kept"],
      );
      assert.equal(rejections.length, 1);
      assert.equal(rejections[0]!.path, `resource_metrics[0].scope_metrics[0].metrics[0]${path}`);
      assert.equal(rejections[0]!.count, count);
    });
  }

  test("OTLP/JSON: of each kind of fault the first is named and all are counted", () => {
    const spans = '{"traceId":"-"},{"name":1},{},{"traceId":"x"},{"traceId":"y"}';
    const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`;
    const at = "resource_spans[0].scope_spans[0].spans";
    assert.deepEqual(encodeWithFaults("traces", json).rejections, [
      { reason: "trace_id must be a hex string", path: `${at}[0].trace_id`, count: 3 },
      { reason: "name must be a string", path: `${at}[1].name`, count: 1 },
    ]);
  });
});

describe("the OTLP/JSON reader keeps a log record without its id when the id is", () => {
  for (const id of ['"-"', '"5b8efff7-9803-8103-d269-b633813fc60c"', '"abc"', "12", "true", "[]"]) {
    test(`OTLP/JSON: a log record is kept without its id when that is ${id} instead of hex`, () => {
      const record = `{"traceId":${id},"spanId":${id},"severityText":"kept"}`;
      const json = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`;
      const log = fromBinary(requestSchemas.logs, encodeText("logs", json)).resourceLogs[0]!.scopeLogs[0]!
        .logRecords[0]!;
      assert.deepEqual([log.severityText, log.traceId.length, log.spanId.length], ["kept", 0, 0]);
    });
  }
});

describe("the OTLP/JSON reader makes a double of an integer that int64 cannot hold:", () => {
  for (const [written, value] of [
    ["9223372036854776000", 2 ** 63],
    ["-9223372036854776000", -(2 ** 63)],
    ['"9223372036854775808"', 2 ** 63],
    ["-9223372036854775809", -(2 ** 63)],
    ["1e300", 1e300],
    ["1.5", 1.5],
  ] as const) {
    test(`OTLP/JSON: an integer that int64 cannot hold becomes a double: ${written} as an attribute, a data point and an exemplar`, () => {
      assert.deepEqual(attributeOf(`{"intValue":${written}}`), { case: "doubleValue", value });
      assert.deepEqual(pointOf(`"asInt":${written}`).value, { case: "asDouble", value });
      const { exemplars } = pointOf(`"exemplars":[{"asInt":${written}}]`);
      assert.deepEqual(exemplars[0]?.value, { case: "asDouble", value });
    });
  }
});

describe("the OTLP/JSON reader leaves out a value that does not fit in", () => {
  for (const [what, members, path] of [
    ["a resource", '"resource":{"droppedAttributesCount":-1}', "resource.dropped_attributes_count"],
    [
      "an attribute of a resource",
      '"resource":{"attributes":[{"key":"a","value":{"boolValue":"yes"}}]}',
      "resource.attributes[0].value.bool_value",
    ],
    ["a resource container", '"schemaUrl":5', "schema_url"],
    ["a scope", '"scopeSpans":[{"scope":{"name":1}}]', "scope_spans[0].scope.name"],
  ] as const) {
    test(`OTLP/JSON: a value that does not fit in ${what} is left out, and the items are kept`, () => {
      const json = `{"resourceSpans":[{${members}},{"scopeSpans":[{"spans":[{}]}]}]}`;
      const { bytes, rejections, omissions } = encodeWithFaults("traces", json);
      assert.equal(fromBinary(requestSchemas.traces, bytes).resourceSpans[1]!.scopeSpans[0]!.spans.length, 1);
      assert.deepEqual(rejections, []);
      assert.deepEqual(
        omissions.map((omission) => omission.path),
        [`resource_spans[0].${path}`],
      );
    });
  }

  test("OTLP/JSON: a value that does not fit in the dictionary of profiles is left out, and other elements keep their positions", () => {
    const json = '{"dictionary":{"stringTable":["","a",5,"b"]}}';
    const { bytes, omissions } = encodeWithFaults("profiles", json);
    assert.deepEqual(fromBinary(requestSchemas.profiles, bytes).dictionary?.stringTable, ["", "a", "", "b"]);
    assert.equal(omissions[0]?.path, "dictionary.string_table[2]");
  });
});

describe("the OTLP/JSON reader finds positions in the request as it was sent", () => {
  const json = `{"resourceMetrics":[{},{"scopeMetrics":[{"metrics":[
    {"name":1},
    {"gauge":{"dataPoints":[{"flags":-1},{},{"flags":-1},{"flags":-1},{}]}},
    {"name":1},
    {}
  ]}]}]}`;
  const { leftOut } = encodeWithFaults("metrics", json);
  const at = "resource_metrics[1].scope_metrics[0].metrics";
  for (const [encoded, sent] of [
    ["[0]", "[1]"],
    ["[1]", "[3]"],
    ["[0].gauge.data_points[0]", "[1].gauge.data_points[1]"],
    ["[0].gauge.data_points[1].flags", "[1].gauge.data_points[4].flags"],
    ["[1].gauge.data_points[0]", "[3].gauge.data_points[0]"],
  ] as const) {
    test(`OTLP/JSON: the position of ${encoded} is that in the request as it was sent`, () => {
      assert.equal(pathAsSent(leftOut, at + encoded), at + sent);
    });
  }

  test("OTLP/JSON: no position is named when too many items were left out", () => {
    const spans = `[${'{"kind":"no kind"},'.repeat(1_001)}{}]`;
    const report = encodeWithFaults("traces", `{"resourceSpans":[{"scopeSpans":[{"spans":${spans}}]}]}`);
    const path = "resource_spans[0].scope_spans[0].spans[0]";
    assert.equal(pathAsSent(report.leftOut, path), "resource_spans[].scope_spans[].spans[]");
  });
});

describe("the OTLP/JSON reader reports the first unknown field of", () => {
  const cases: readonly (readonly [
    what: string,
    signal: Signal,
    json: string,
    name: string,
    path: string,
  ])[] = [
    ["another signal's payload", "traces", '{"resourceLogs":[{}],"more":1}', "resourceLogs", ""],
    [
      "an early version of OTLP",
      "traces",
      '{"resourceSpans":[{"resource":{},"instrumentationLibrarySpans":[{"spans":[{}]}]}]}',
      "instrumentationLibrarySpans",
      "resource_spans[0]",
    ],
    [
      "a scope without spans",
      "traces",
      '{"resourceSpans":[{"scopeSpans":[{"span":[{}]}]}]}',
      "span",
      "resource_spans[0].scope_spans[0]",
    ],
    [
      "a metric of an unknown kind",
      "metrics",
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","intGauge":{}}]}]}]}',
      "intGauge",
      "resource_metrics[0].scope_metrics[0].metrics[0]",
    ],
  ];
  for (const [what, signal, json, name, path] of cases) {
    test(`the first unknown field of OTLP/JSON is reported: ${what}`, () => {
      const { unknownField, rejections } = encodeWithFaults(signal, json);
      assert.deepEqual([unknownField, rejections], [{ name, path }, []]);
    });
  }

  for (const [what, json] of [
    ["an empty request", "{}"],
    ["a request whose lists are empty or null", '{"resourceSpans":null,"new":1}'],
    [
      "unknown fields beside the known ones",
      '{"new":1,"resourceSpans":[{"new":1,"scopeSpans":[{"new":1,"spans":[{"new":1}]}]}]}',
    ],
  ] as const) {
    test(`OTLP/JSON: no unknown field is reported, given ${what}`, () => {
      assert.equal(encodeWithFaults("traces", json).unknownField, undefined);
    });
  }
});

describe("the OTLP/JSON reader takes time in proportion to the text when it rejects", () => {
  // Each of these would take hours if the time grew with the square of the length.
  const digits = "1".repeat(2_000_000);
  for (const [what, value] of [
    ["a long number in quotes that ends with a letter", `"${digits}x"`],
    ["a long number in quotes", `"${digits}"`],
    ["a long number", digits],
    ["a long text of padding", `"${"=".repeat(digits.length)}x"`],
  ] as const) {
    const attribute = `"attributes":[{"key":"k","value":{"bytesValue":${value.replace('1"', '*"')}}}]`;
    const members = [`"startTimeUnixNano":${value}`, `"flags":${value}`, `"kind":${value}`, attribute];
    for (const member of members) {
      test(`OTLP/JSON: ${what} in ${member.slice(1, 18).replace(/".*/, "")} is rejected in linear time`, {
        timeout: 60_000,
      }, () => {
        const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[{${member}}]}]}]}`;
        assert.equal(encodeWithFaults("traces", text).rejections.length, 1);
      });
    }
  }
});

describe("OTLP/JSON damaged at random", () => {
  const texts = signals.map(
    (signal) =>
      [signal, writeJsonRequest(signal, encode(signal, requestOf(signal, 3, { seed: 5 })))] as const,
  );
  /** A request whose encoding is whatever the reader makes of it. */
  function check(signal: Signal, json: string): void {
    let bytes: Uint8Array;
    try {
      bytes = readJson(signal, Buffer.from(json)).bytes;
    } catch (error) {
      assert.ok(error instanceof ObsvtyError && error.code === "not-the-message", String(error));
      return;
    }
    const store = new RingStore({ maxItems: 10, maxBytes: 1 << 20, maxRequestBytes: 1 << 20 });
    assert.equal(store.append(signal, [bytes], bytes.byteLength).kind, "kept");
  }

  test("OTLP/JSON damaged at random is read, or refused with not-the-message, wherever its text is damaged", () => {
    const scrap = fc.constantFrom(
      ...["", "{", "}", "[", "]", ",", ":", "null", "1e999", '"', "-1", '{"a":1}', "9".repeat(30), "\\u"],
    );
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(20), scrap, ([signal, text], at, cut, put) => {
        const from = at % text.length;
        check(signal, text.slice(0, from) + put + text.slice(from + cut));
      }),
      { numRuns: 2_000 },
    );
  });

  test("OTLP/JSON damaged at random is read, or refused with not-the-message, whichever of its values is another", () => {
    const values = fc.constantFrom<unknown>(
      null,
      true,
      -1,
      2 ** 64,
      1.5,
      "",
      "text",
      [],
      [null],
      [{}],
      {},
      { value: 5 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), values, ([signal, text], at, value) => {
        let left = at % (text.match(/[:[,]/g) ?? []).length;
        const json = JSON.parse(text, (_key, old) => (left-- === 0 ? value : old));
        check(signal, JSON.stringify(json) ?? "");
      }),
      { numRuns: 1_000 },
    );
  });
});
