import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ExportLogsServiceRequestSchema } from "../../../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import {
  ExportTraceServiceRequestSchema,
  ExportTraceServiceResponseSchema,
} from "../../../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import type { LogRecordSchema } from "../../../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  framedRequests,
  NotProtobuf,
  partialSuccessOf,
  protobufPieces,
  signalOf,
} from "../../../../../src/web/views/files/protobuf-pieces.ts";

const traces = (count: number) =>
  toBinary(
    ExportTraceServiceRequestSchema,
    create(ExportTraceServiceRequestSchema, {
      resourceSpans: [
        {
          resource: { attributes: [{ key: "service.name" }] },
          scopeSpans: [
            {
              scope: { name: "s" },
              spans: Array.from({ length: count }, (_, index) => ({
                traceId: new Uint8Array(16).fill(1),
                spanId: new Uint8Array(8).fill(2),
                name: `span ${index}`,
                startTimeUnixNano: 1n,
              })),
            },
          ],
          schemaUrl: "https://x",
        },
      ],
    }),
  );

test("the signal of a request is told by its first item", () => {
  const ids = { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(2) };
  const spanWithoutTimes = create(ExportTraceServiceRequestSchema, {
    resourceSpans: [{ scopeSpans: [{ spans: [ids] }] }],
  });
  const record = (fields: MessageInitShape<typeof LogRecordSchema>) =>
    toBinary(
      ExportLogsServiceRequestSchema,
      create(ExportLogsServiceRequestSchema, { resourceLogs: [{ scopeLogs: [{ logRecords: [fields] }] }] }),
    );
  const logs = [
    record({ timeUnixNano: 1n }),
    record({ observedTimeUnixNano: 1n }),
    record({ severityNumber: 9 }),
    record({ body: { value: { case: "stringValue", value: "without times" } } }),
  ];
  const metric = (description: string, unit: string) =>
    toBinary(
      ExportMetricsServiceRequestSchema,
      create(ExportMetricsServiceRequestSchema, {
        resourceMetrics: [
          {
            scopeMetrics: [
              {
                metrics: [
                  {
                    name: "sixteen letters!",
                    description,
                    unit,
                    data: { case: "sum", value: { dataPoints: [{}] } },
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
  const metrics = [
    metric("", "requests"),
    // As long as the ids of a span.
    metric("requests", ""),
  ];
  assert.equal(signalOf(traces(1)), "traces");
  assert.equal(signalOf(toBinary(ExportTraceServiceRequestSchema, spanWithoutTimes)), "traces");
  assert.deepEqual(logs.map(signalOf), ["logs", "logs", "logs", "logs"]);
  assert.deepEqual(metrics.map(signalOf), ["metrics", "metrics"]);
  assert.equal(signalOf(new Uint8Array()), undefined);
});

test("a large request becomes several that have all its items, each with its resource and scope", () => {
  const whole = traces(200);
  const pieces = protobufPieces(whole, 1_000);
  assert.ok(pieces.length > 5);
  assert.ok(pieces.every(({ length }) => length <= 1_000));
  const read = pieces.flatMap((piece) => fromBinary(ExportTraceServiceRequestSchema, piece).resourceSpans);
  const [first] = read;
  assert.ok(read.every(({ resource, schemaUrl }) => resource !== undefined && schemaUrl === "https://x"));
  assert.ok(read.every(({ scopeSpans }) => scopeSpans[0]?.scope?.name === "s"));
  assert.equal(first?.scopeSpans[0]?.spans[0]?.name, "span 0");
  assert.deepEqual(
    read.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    fromBinary(ExportTraceServiceRequestSchema, whole).resourceSpans[0]!.scopeSpans[0]!.spans,
  );
  assert.deepEqual(protobufPieces(traces(1), 1_000), [traces(1)]);
});

test("requests behind their length in four bytes are told from one alone", () => {
  const one = traces(1);
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, one.length);
  assert.deepEqual(
    framedRequests(new Uint8Array(Buffer.concat([head, one, head, one]))).map(({ length }) => length),
    [one.length, one.length],
  );
  assert.deepEqual(framedRequests(one), [one]);
});

test("bytes that are no protobuf are refused", () => {
  for (const text of ["hello", "\x0a\xff", "PNG"]) {
    assert.throws(() => signalOf(new Uint8Array(Buffer.from(text, "latin1"))), NotProtobuf, text);
  }
});

test("what an answer says of rejected items is read", () => {
  const response = create(ExportTraceServiceResponseSchema, {
    partialSuccess: { rejectedSpans: 300n, errorMessage: "no trace id" },
  });
  assert.deepEqual(partialSuccessOf(toBinary(ExportTraceServiceResponseSchema, response)), {
    rejected: 300,
    reason: "no trace id",
  });
  assert.deepEqual(partialSuccessOf(new Uint8Array()), { rejected: 0, reason: "" });
});
