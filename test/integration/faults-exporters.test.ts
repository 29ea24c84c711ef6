import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OTLPTraceExporter as TraceGrpc } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as TraceHttp } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as TraceProto } from "@opentelemetry/exporter-trace-otlp-proto";
import type { Receiver } from "../../src/testing/receiver.ts";
import { startReceiver } from "../../src/testing/start-receiver.ts";
import { recordSdkSpans } from "../support/sdk-telemetry.ts";

const exporters = [
  // JavaScript's never tries again over gRPC.
  { kind: "gRPC", retries: false, connect: (url: string) => new TraceGrpc({ url }) },
  {
    kind: "HTTP (JSON)",
    retries: true,
    connect: (url: string) => new TraceHttp({ url: `${url}/v1/traces` }),
  },
  {
    kind: "HTTP (protobuf)",
    retries: true,
    connect: (url: string) => new TraceProto({ url: `${url}/v1/traces` }),
  },
];

for (const { kind, retries, connect } of exporters) {
  describe(`the official ${kind} exporter`, () => {
    const exportUnder = async (url: string): Promise<{ code: number; error?: Error }> => {
      const exporter = connect(url);
      const spans = await recordSdkSpans();
      try {
        return await new Promise((resolve) => exporter.export(spans, resolve));
      } finally {
        await exporter.shutdown();
      }
    };

    test(`the official ${kind} exporter ${retries ? "comes back" : "gives up"} after UNAVAILABLE with a hint`, async () => {
      await using receiver = await startReceiver();
      receiver.faults.script([{ signal: "traces", status: "UNAVAILABLE", message: "down", retryDelay: 10 }]);
      assert.equal((await exportUnder(receiver.endpoint)).code, retries ? 0 : 1);
      assert.deepEqual(answersOf(receiver), [["UNAVAILABLE", 0], ...(retries ? [["OK", 3]] : [])]);
    });

    test(`the official ${kind} exporter gives up at once on INVALID_ARGUMENT, and says so`, async () => {
      await using receiver = await startReceiver();
      receiver.faults.script([{ status: "INVALID_ARGUMENT", message: "no such thing" }]);
      assert.equal((await exportUnder(receiver.endpoint)).code, 1);
      assert.deepEqual(answersOf(receiver), [["INVALID_ARGUMENT", 0]]);
    });

    test(`the official ${kind} exporter takes a partial success for a success`, async () => {
      await using receiver = await startReceiver();
      receiver.faults.script([{ partialSuccess: { rejected: 1, message: "not that one" } }]);
      assert.equal((await exportUnder(receiver.endpoint)).code, 0);
      assert.deepEqual(receiver.faults.left(), []);
      assert.equal((await receiver.spans()).length, 3);
    });
  });
}

/** How each request was answered, and how many spans of it were kept. */
function answersOf(receiver: Receiver) {
  return receiver.requests().map(({ status, items }) => [status, items]);
}
