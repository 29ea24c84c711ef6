import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Receiver } from "../../../src/testing/receiver.ts";
import { startReceiver } from "../../../src/testing/start-receiver.ts";
import { recordSdkSpans } from "../../support/sdk-telemetry.ts";
import { sendSpans, shopSpan } from "../../support/shop-telemetry.ts";

interface Exporter {
  export(spans: ReadableSpan[], done: (result: { code: number }) => void): void;
  shutdown(): Promise<void>;
}

async function exportSpans(exporter: Exporter): Promise<number> {
  const spans = await recordSdkSpans();
  const { code } = await new Promise<{ code: number }>((resolve) => exporter.export(spans, resolve));
  await exporter.shutdown();
  return code;
}

const compression = CompressionAlgorithm.GZIP;
const headers = { authorization: "Bearer s3cret", "x-api-key": "shown" };

const exporters: readonly (readonly [
  name: string,
  make: (receiver: Receiver) => Exporter,
  expected: object,
])[] = [
  [
    "gRPC with gzip",
    ({ endpoint }) => new GrpcExporter({ url: endpoint, compression }),
    {
      protocol: "grpc",
      httpVersion: 2,
      path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
      encoding: "gzip",
    },
  ],
  [
    "OTLP/HTTP in protobuf with gzip",
    ({ endpoint }) => new ProtoExporter({ url: `${endpoint}/v1/traces`, compression, headers }),
    { protocol: "http/protobuf", httpVersion: 1, path: "/v1/traces", encoding: "gzip" },
  ],
  [
    "OTLP/HTTP in JSON",
    ({ endpoint }) => new JsonExporter({ url: `${endpoint}/v1/traces`, headers }),
    { protocol: "http/json", httpVersion: 1, path: "/v1/traces", encoding: "identity" },
  ],
];

describe("requests show what an exporter sent:", () => {
  for (const [name, make, expected] of exporters) {
    test(`requests show what an exporter sent: ${name}`, async () => {
      await using receiver = await startReceiver();
      assert.equal(await exportSpans(make(receiver)), 0);
      const [request, ...others] = receiver.requests();
      assert.ok(request !== undefined && others.length === 0);
      const { protocol, httpVersion, path, encoding, sentBytes, messageBytes, time } = request;
      assert.deepEqual({ protocol, httpVersion, path, encoding }, expected);
      assert.ok(
        sentBytes > 0 && (encoding === "gzip" ? sentBytes < messageBytes : sentBytes === messageBytes),
      );
      assert.ok(Math.abs(Date.now() - Date.parse(time)) < 600_000);
      const { signal, items, rejected, outcome, status, httpStatus, message } = request;
      assert.deepEqual(
        { signal, items, rejected, outcome, status, httpStatus, message },
        {
          signal: "traces",
          items: 3,
          rejected: 0,
          outcome: "accepted",
          status: "OK",
          httpStatus: 200,
          message: "",
        },
      );
      assert.ok(!JSON.stringify(request).includes("s3cret"));
      if (protocol !== "grpc") {
        assert.equal(request.headers.authorization, "Bearer ***");
        assert.equal(request.headers["x-api-key"], "shown");
      }
      assert.equal(Object.keys(request.headers).filter((header) => header.startsWith(":")).length, 0);
    });
  }
});

test("an exporter that is told to come back does, and requests show both answers", async () => {
  await using receiver = await startReceiver();
  receiver.faults.script([{ signal: "traces", status: "UNAVAILABLE", retryDelay: 20, message: "busy" }]);
  assert.equal(await exportSpans(new ProtoExporter({ url: `${receiver.endpoint}/v1/traces` })), 0);
  assert.deepEqual(
    receiver.requests().map(({ outcome, status, httpStatus, items, message }) => ({
      outcome,
      status,
      httpStatus,
      items,
      message,
    })),
    [
      { outcome: "refused", status: "UNAVAILABLE", httpStatus: 503, items: 0, message: "busy" },
      { outcome: "accepted", status: "OK", httpStatus: 200, items: 3, message: "" },
    ],
  );
  assert.deepEqual(receiver.faults.left(), []);
});

test("each kind of fault, and a request that is not the message, shows in a receiver's requests", async () => {
  await using receiver = await startReceiver();
  receiver.faults.script([
    { partialSuccess: { rejected: 2, message: "too old" } },
    { reset: true },
    { signal: "logs", delay: 1 },
  ]);
  const span = shopSpan({ id: "01", name: "GET /cart" });
  assert.equal(await sendSpans(receiver, span), 200);
  await assert.rejects(sendSpans(receiver, span));
  assert.equal(await sendSpans(receiver, { ...span, spanId: "00" }), 200);
  const malformed = { method: "POST", headers: { "content-type": "application/json" }, body: "[" };
  assert.equal((await fetch(`${receiver.endpoint}/v1/traces`, malformed)).status, 400);
  assert.deepEqual(
    receiver.requests().map(({ outcome, items, rejected, status }) => [outcome, items, rejected, status]),
    [
      ["partly-accepted", 1, 2, "OK"],
      ["reset", 0, 0, undefined],
      ["partly-accepted", 0, 1, "OK"],
      ["refused", 0, 0, "INVALID_ARGUMENT"],
    ],
  );
  assert.deepEqual(receiver.faults.left(), [{ signal: "logs", times: 1, delay: "0.001s" }]);
  receiver.faults.clear();
  assert.deepEqual(receiver.faults.left(), []);
});

test("an exporter that goes away before its answer shows as cancelled in requests", async () => {
  await using receiver = await startReceiver();
  receiver.faults.script([{ delay: 3_600_000 }]);
  const abort = new AbortController();
  const leaving = assert.rejects(
    fetch(`${receiver.endpoint}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      signal: abort.signal,
    }),
  );
  while (receiver.faults.left().length > 0) await new Promise(setImmediate);
  abort.abort();
  await leaving;
  while (receiver.requests().length === 0) await new Promise(setImmediate);
  assert.equal(receiver.requests()[0]?.outcome, "cancelled");
});

test("a script of faults that makes no sense is refused, and changes nothing", async () => {
  await using receiver = await startReceiver();
  receiver.faults.script([{ reset: true }]);
  const refused = (rule: object, message: RegExp) =>
    assert.throws(() => receiver.faults.script([{ delay: 1 }, rule]), { name: "TypeError", message });
  refused({}, /^rules\[1\]: has no fault/);
  refused({ status: "UNAVAILBLE" }, /^rules\[1\]\.status: /);
  refused({ stauts: "UNAVAILABLE" }, /^rules\[1\]\.stauts: no such field/);
  refused({ delay: -1 }, /^rules\[1\]\.delay: /);
  refused({ signal: "spans", reset: true }, /^rules\[1\]\.signal: /);
  assert.deepEqual(receiver.faults.left(), [{ times: 1, reset: true }]);
});
