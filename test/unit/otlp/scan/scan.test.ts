import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { rejectionMessage } from "../../../../src/domain/rejection.ts";
import type { Signal } from "../../../../src/domain/signal.ts";
import { requestSchemas } from "../../../../src/otlp/services.ts";
import { deepAttribute, deepestRequest, deepSpan, malformedRequests } from "../../../support/malformed.ts";
import {
  makeLogsRequest,
  makeMetricsRequest,
  makeProfilesRequest,
  makeTraceRequest,
} from "../../../support/otlp.ts";
import { createStepScan } from "../../../support/step-scan.ts";
import { allServices, findAll } from "../../../support/whole-answers.ts";
import {
  fixed64,
  lengthDelimited,
  spanIdBytes,
  traceIdBytes,
  traceRequest,
  validSpanFields,
  varintField,
} from "../../../support/wire.ts";

function scan(signal: Signal, bytes: Uint8Array) {
  const store = new RingStore({ maxItems: 2000, maxBytes: 16 << 20, maxRequestBytes: 4 << 20 });
  return { store, outcome: store.append(signal, [bytes], bytes.byteLength) };
}

function rejection(signal: Signal, bytes: Uint8Array): { rejected: number; message: string } {
  const { outcome } = scan(signal, bytes);
  assert.equal(outcome.kind, "kept");
  return { rejected: outcome.rejected, message: rejectionMessage(signal, outcome.rejections) };
}

describe("the scanner refuses", () => {
  for (const { name, bytes, message } of malformedRequests) {
    test(`the scanner refuses ${name}, saying where`, () => {
      const { outcome, store } = scan("traces", bytes);
      assert.equal(outcome.kind, "refused");
      assert.equal(outcome.error.code, "not-the-message");
      assert.ok(
        outcome.error.message === message || outcome.error.message.startsWith(`${message} `),
        outcome.error.message,
      );
      assert.deepEqual(store.range("traces"), { first: 0, next: 0 });
    });
  }

  test("the scanner names a field that 300,000 others precede by the path of the message around it", () => {
    const records = Buffer.alloc(600_000, Uint8Array.of(0x12, 0));
    const { outcome } = scan("logs", lengthDelimited(1, lengthDelimited(2, records, Uint8Array.of(0x0f))));
    assert.equal(outcome.kind, "refused");
    const at = 4 + 4 + 600_000;
    assert.equal(
      outcome.error.message,
      `resource_logs[0].scope_logs[0]: wire type 7 is not that of the field at byte ${at}`,
    );
  });

  const requests = {
    traces: toBinary(requestSchemas.traces, makeTraceRequest({ count: 2 })),
    logs: toBinary(requestSchemas.logs, makeLogsRequest({ count: 2 })),
    metrics: toBinary(requestSchemas.metrics, makeMetricsRequest({ count: 5 })),
    profiles: toBinary(requestSchemas.profiles, makeProfilesRequest({ count: 1 })),
  };
  for (const [sent, to, path] of [
    ["traces", "logs", "/v1/traces"],
    ["traces", "metrics", "/v1/traces"],
    ["logs", "traces", "/v1/logs"],
    ["logs", "metrics", "/v1/logs"],
    ["metrics", "traces", "/v1/metrics"],
    ["metrics", "logs", "/v1/metrics"],
  ] as const) {
    test(`the scanner refuses a request of ${sent} that was sent as one of ${to}, and names the path for it`, () => {
      const { outcome } = scan(to, requests[sent]);
      assert.equal(outcome.kind, "refused");
      const hint = new RegExp(` at byte \\d+; it can be read as a request of ${sent}: is ${path} meant\\?$`);
      assert.match(outcome.error.message, hint);
    });
  }

  for (const [what, bytes, hint] of [
    ["JSON", Buffer.from('{"resourceSpans":[]}'), "JSON: its content type should say so"],
    [
      "JSON on several lines",
      Buffer.from('\n{\n  "resourceSpans": []\n}'),
      "JSON: its content type should say so",
    ],
    ["gzip", gzipSync(requests.traces), "gzip: its encoding belongs into a header"],
    ["zstd", Buffer.from("28b52ffd0458", "hex"), "zstd: its encoding belongs into a header"],
  ] as const) {
    test(`the scanner refuses ${what} in place of protobuf, and says what it looks like`, () => {
      const { outcome } = scan("traces", bytes);
      assert.equal(outcome.kind, "refused");
      assert.ok(outcome.error.message.endsWith(`; the request looks like ${hint}`), outcome.error.message);
    });
  }

  test("the scanner refuses every truncation of every signal, at any byte but those between two top-level fields", () => {
    const requests: [Signal, Uint8Array][] = [
      ["traces", toBinary(requestSchemas.traces, makeTraceRequest({ count: 2 }))],
      ["logs", toBinary(requestSchemas.logs, makeLogsRequest({ count: 2 }))],
      ["metrics", toBinary(requestSchemas.metrics, makeMetricsRequest({ count: 5 }))],
      ["profiles", toBinary(requestSchemas.profiles, makeProfilesRequest({ count: 1 }))],
    ];
    const store = new RingStore({ maxItems: 100, maxBytes: 1 << 20, maxRequestBytes: 1 << 20 });
    for (const [signal, bytes] of requests) {
      const whole = store.append(signal, [bytes], bytes.byteLength);
      assert.equal(whole.kind, "kept");
      assert.equal(whole.rejected, 0, rejectionMessage(signal, whole.rejections));
      let kept = 0;
      for (let length = 1; length < bytes.byteLength; length++) {
        if (store.append(signal, [bytes.subarray(0, length)], length).kind === "kept") kept++;
      }
      // A profiles request has two top-level fields, so one of its truncations is a message.
      assert.equal(kept, signal === "profiles" ? 1 : 0, signal);
    }
  });

  test("the scanner refuses packed values that are not whole", () => {
    // HistogramDataPoint.bucket_counts (6) with nine bytes.
    const point = lengthDelimited(1, fixed64(3, 1n), lengthDelimited(6, Buffer.alloc(9)));
    const metric = lengthDelimited(2, lengthDelimited(9, point));
    const { outcome } = scan("metrics", lengthDelimited(1, lengthDelimited(2, metric)));
    assert.equal(outcome.kind, "refused");
    assert.match(
      outcome.error.message,
      /^resource_metrics\[0\]\.scope_metrics\[0\]\.metrics\[0\]\.histogram\.data_points\[0\]\.bucket_counts\[0\]: packed values of 9 bytes in all are not whole at byte \d+/,
    );
  });
});

describe("the scanner accepts", () => {
  const accepted: { name: string; signal: Signal; bytes: Uint8Array; items: number }[] = [
    { name: "nothing at all", signal: "traces", bytes: new Uint8Array(), items: 0 },
    { name: "64 levels of messages", signal: "traces", bytes: deepestRequest, items: 1 },
    {
      name: "unknown fields of every wire type, with large numbers too",
      signal: "traces",
      items: 1,
      bytes: traceRequest(
        Buffer.concat([
          validSpanFields,
          varintField(31, 2n ** 64n - 1n),
          fixed64(5000, 1n),
          lengthDelimited(536_870_911, Buffer.from("x")),
          Uint8Array.of(0xf5, 0x01, 1, 2, 3, 4),
        ]),
      ),
    },
    {
      name: "a span without anything but its ids",
      signal: "traces",
      items: 1,
      bytes: traceRequest(validSpanFields),
    },
    {
      name: "an unknown enum value, negative too",
      signal: "traces",
      items: 1,
      bytes: traceRequest(Buffer.concat([validSpanFields, varintField(6, 2n ** 64n - 1n)])),
    },
    {
      name: "invalid UTF-8",
      signal: "traces",
      items: 1,
      bytes: traceRequest(Buffer.concat([validSpanFields, lengthDelimited(5, Uint8Array.of(0xff, 0xfe))])),
    },
    {
      name: "an empty log record",
      signal: "logs",
      items: 1,
      bytes: lengthDelimited(1, lengthDelimited(2, lengthDelimited(2))),
    },
    {
      name: "a log record with a trace id of three bytes",
      signal: "logs",
      items: 1,
      bytes: lengthDelimited(
        1,
        lengthDelimited(2, lengthDelimited(2, lengthDelimited(9, Uint8Array.of(1, 2, 3)))),
      ),
    },
    {
      name: "bucket counts that are not packed",
      signal: "metrics",
      items: 1,
      bytes: lengthDelimited(
        1,
        lengthDelimited(
          2,
          lengthDelimited(
            2,
            lengthDelimited(
              9,
              lengthDelimited(1, fixed64(3, 1n), fixed64(6, 4n), fixed64(6, 5n), fixed64(7, 1n)),
            ),
          ),
        ),
      ),
    },
  ];
  for (const { name, signal, bytes, items } of accepted) {
    test(`the scanner accepts ${name}`, () => {
      const { outcome } = scan(signal, bytes);
      assert.equal(outcome.kind, "kept", outcome.kind === "refused" ? outcome.error.message : "");
      assert.equal(outcome.accepted, items);
      assert.equal(outcome.rejected, 0);
    });
  }

  test("the scanner takes a field that comes twice by its last value", () => {
    const bytes = traceRequest(Buffer.concat([lengthDelimited(1, Uint8Array.of(1)), validSpanFields]));
    assert.equal(rejection("traces", bytes).rejected, 0);
    const worse = traceRequest(Buffer.concat([validSpanFields, lengthDelimited(1, Uint8Array.of(1))]));
    assert.equal(rejection("traces", worse).rejected, 1);
  });

  test("the scanner takes a resource that comes after its spans for the service of all of them", () => {
    const service = lengthDelimited(
      1,
      lengthDelimited(1, Buffer.from("service.name")),
      lengthDelimited(2, lengthDelimited(1, Buffer.from("late"))),
    );
    const scope = lengthDelimited(
      2,
      lengthDelimited(2, validSpanFields),
      lengthDelimited(2, validSpanFields),
    );
    const { store } = scan("traces", lengthDelimited(1, scope, lengthDelimited(1, service)));
    assert.deepEqual([...allServices(store).keys()], ["late"]);
    assert.equal(allServices(store).get("late")?.traces, 2);
  });

  test("the scanner takes a metric whose name comes after its points", () => {
    const gauge = lengthDelimited(5, lengthDelimited(1, fixed64(3, 1n), fixed64(6, 7n)));
    const metric = lengthDelimited(2, gauge, lengthDelimited(1, Buffer.from("late")));
    const { store } = scan("metrics", lengthDelimited(1, lengthDelimited(2, metric)));
    const window = { from: 0, to: 1, order: "oldest", limit: 10 } as const;
    assert.deepEqual(findAll(store, "metrics", { name: "late" }, window), [0]);
  });
});

describe("the scanner rejects an item and keeps the rest:", () => {
  const point = (...fields: Uint8Array[]): Uint8Array => lengthDelimited(1, ...fields);
  const metrics = (field: number, ...points: Uint8Array[]): Uint8Array =>
    lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, lengthDelimited(field, ...points))));
  const time = fixed64(3, 1n);
  const span = (...fields: Uint8Array[]): Uint8Array => traceRequest(validSpanFields, Buffer.concat(fields));
  const spanPath = "resource_spans[0].scope_spans[0].spans[1]";
  const cases: { name: string; signal: Signal; bytes: Uint8Array; message: string }[] = [
    {
      name: "no trace id",
      signal: "traces",
      bytes: span(lengthDelimited(2, spanIdBytes)),
      message: `1 span rejected: trace_id must be 16 bytes, got 0 (${spanPath})`,
    },
    {
      name: "an empty span",
      signal: "traces",
      bytes: span(),
      message: `1 span rejected: trace_id must be 16 bytes, got 0 (${spanPath})`,
    },
    {
      name: "a trace id of 24 bytes",
      signal: "traces",
      bytes: span(lengthDelimited(1, Buffer.alloc(24, 7)), lengthDelimited(2, spanIdBytes)),
      message: `1 span rejected: trace_id must be 16 bytes, got 24 (${spanPath})`,
    },
    {
      name: "an all-zero trace id",
      signal: "traces",
      bytes: span(lengthDelimited(1, Buffer.alloc(16)), lengthDelimited(2, spanIdBytes)),
      message: `1 span rejected: trace_id must not be all zero (${spanPath})`,
    },
    {
      name: "a span id of 7 bytes",
      signal: "traces",
      bytes: span(lengthDelimited(1, traceIdBytes), lengthDelimited(2, Buffer.alloc(7, 1))),
      message: `1 span rejected: span_id must be 8 bytes, got 7 (${spanPath})`,
    },
    {
      name: "an all-zero span id",
      signal: "traces",
      bytes: span(lengthDelimited(1, traceIdBytes), lengthDelimited(2, Buffer.alloc(8))),
      message: `1 span rejected: span_id must not be all zero (${spanPath})`,
    },
    {
      name: "a parent id of 9 bytes",
      signal: "traces",
      bytes: span(validSpanFields, lengthDelimited(4, Buffer.alloc(9, 1))),
      message: `1 span rejected: parent_span_id must be empty or 8 bytes, got 9 (${spanPath})`,
    },
    {
      name: "66 levels of messages in a span, which has other faults too",
      signal: "traces",
      bytes: span(deepAttribute(66, 9)),
      message: `1 span rejected: nested deeper than 64 messages (${spanPath})`,
    },
    {
      name: "100 levels of messages in a log record",
      signal: "logs",
      bytes: lengthDelimited(
        1,
        lengthDelimited(2, lengthDelimited(2), lengthDelimited(2, deepAttribute(100, 6))),
      ),
      message:
        "1 log record rejected: nested deeper than 64 messages (resource_logs[0].scope_logs[0].log_records[1])",
    },
    {
      name: "68 levels of messages in a data point",
      signal: "metrics",
      bytes: metrics(5, point(time, fixed64(6, 1n)), point(time, fixed64(6, 1n), deepAttribute(66, 7))),
      message:
        "1 data point rejected: nested deeper than 64 messages (resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[1])",
    },
    {
      name: "a data point without a time",
      signal: "metrics",
      bytes: metrics(5, point(time, fixed64(6, 1n)), point(fixed64(6, 1n))),
      message:
        "1 data point rejected: time_unix_nano must be set (resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[1])",
    },
    {
      name: "a number point without a value and without NO_RECORDED_VALUE",
      signal: "metrics",
      bytes: metrics(7, point(time, varintField(8, 1)), point(time)),
      message:
        "1 data point rejected: a data point needs a value or the flag NO_RECORDED_VALUE (resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[1])",
    },
    {
      name: "a histogram with as many buckets as bounds",
      signal: "metrics",
      bytes: metrics(
        9,
        point(time),
        point(time, lengthDelimited(6, Buffer.alloc(16)), lengthDelimited(7, Buffer.alloc(16))),
      ),
      message:
        "1 data point rejected: bucket_counts must have one element more than explicit_bounds, got 2 (resource_metrics[0].scope_metrics[0].metrics[0].histogram.data_points[1])",
    },
    {
      name: "an all-zero profile id",
      signal: "profiles",
      bytes: lengthDelimited(
        1,
        lengthDelimited(2, lengthDelimited(2), lengthDelimited(2, lengthDelimited(7, Buffer.alloc(16)))),
      ),
      message:
        "1 profile rejected: profile_id must not be all zero (resource_profiles[0].scope_profiles[0].profiles[1])",
    },
  ];
  for (const { name, signal, bytes, message } of cases) {
    test(`the scanner rejects an item alone: ${name}`, () => {
      assert.deepEqual(rejection(signal, bytes), { rejected: 1, message });
    });
  }

  test("the scanner rejects items for several reasons, the first of each kind named and the others counted", () => {
    const noTraceId = lengthDelimited(2, spanIdBytes);
    const noSpanId = lengthDelimited(1, traceIdBytes);
    const bytes = traceRequest(noSpanId, noTraceId, validSpanFields, noTraceId, noTraceId);
    assert.deepEqual(rejection("traces", bytes), {
      rejected: 4,
      message:
        "4 spans rejected: trace_id must be 16 bytes, got 0 (resource_spans[0].scope_spans[0].spans[1] and 2 more); " +
        "span_id must be 8 bytes, got 0 (resource_spans[0].scope_spans[0].spans[0])",
    });
  });
});

describe("a scan in steps comes to what a scan at once does:", () => {
  const stepScan = createStepScan();
  const numbers = (count: number) => Buffer.alloc(count * 2, Uint8Array.of(0xff, 1));
  const buckets = lengthDelimited(8, lengthDelimited(2, numbers(3_000)));
  const histogram = lengthDelimited(10, lengthDelimited(1, fixed64(3, 1n), buckets));
  const cases: readonly (readonly [what: string, signal: Signal, bytes: Uint8Array])[] = [
    ["spans", "traces", toBinary(requestSchemas.traces, makeTraceRequest({ count: 20 }))],
    ["data points", "metrics", toBinary(requestSchemas.metrics, makeMetricsRequest({ count: 20 }))],
    ["the deepest request", "traces", deepestRequest],
    ["a span that is too deep", "traces", traceRequest(validSpanFields, deepSpan(100), validSpanFields)],
    [
      "a long list of packed numbers",
      "metrics",
      lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, histogram))),
    ],
    ...malformedRequests.map(({ name, bytes }) => [name, "traces", bytes] as const),
  ];
  for (const [what, signal, bytes] of cases) {
    test(`a scan in steps comes to what a scan at once does: ${what}, however short the steps are`, () => {
      const atOnce = stepScan(signal, bytes);
      for (const stepBytes of [1, 2, 3, 7, 64, 1_000]) {
        assert.deepEqual(stepScan(signal, bytes, stepBytes), atOnce, `${stepBytes} bytes a step`);
      }
    });
  }
});

test("a metric, or an attribute of a resource, of more than 1,048,576 fields is refused", () => {
  const fields = Buffer.alloc(2_200_000, varintField(15, 0));
  const metric = lengthDelimited(1, lengthDelimited(2, lengthDelimited(2, fields)));
  const attribute = lengthDelimited(1, lengthDelimited(1, lengthDelimited(1, fields)));
  for (const [bytes, path] of [
    [metric, "resource_metrics[0].scope_metrics[0].metrics[0]"],
    [attribute, "resource_metrics[0].resource.attributes[0]"],
  ] as const) {
    const { outcome } = scan("metrics", bytes);
    assert.ok(outcome.kind === "refused");
    assert.ok(
      outcome.error.message.startsWith(`${path}: more than 1048576 fields at byte`),
      outcome.error.message,
    );
  }
});
