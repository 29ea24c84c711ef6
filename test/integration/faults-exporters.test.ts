import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OTLPTraceExporter as TraceGrpc } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as TraceHttp } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as TraceProto } from "@opentelemetry/exporter-trace-otlp-proto";
import type { Fault } from "../../src/domain/fault.ts";
import { startObsvty, statsOf } from "../support/obsvty.ts";
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

    test(`the official ${kind} exporter ${retries ? "comes back" : "gives up"} after UNAVAILABLE with a hint`, async (t) => {
      const server = await startObsvty(t, { settings: { FAULT_INJECTION: "true" } });
      const fault: Fault = { kind: "status", status: 14, message: "down", retryAfterMs: 10 };
      server.core.faults?.set([{ signal: "traces", times: 1, fault }]);
      assert.equal((await exportUnder(server.url)).code, retries ? 0 : 1);
      const { accepted, injected, refused } = (await statsOf(server)).traces;
      assert.deepEqual(
        { accepted, injected, refused },
        { accepted: retries ? 3 : 0, injected: 1, refused: 0 },
      );
    });

    test(`the official ${kind} exporter gives up at once on INVALID_ARGUMENT, and says so`, async (t) => {
      const server = await startObsvty(t, { settings: { FAULT_INJECTION: "true" } });
      const fault: Fault = { kind: "status", status: 3, message: "no such thing" };
      server.core.faults?.set([{ times: 1, fault }]);
      assert.equal((await exportUnder(server.url)).code, 1);
      const { accepted, injected } = (await statsOf(server)).traces;
      assert.deepEqual({ accepted, injected }, { accepted: 0, injected: 1 });
    });

    test(`the official ${kind} exporter takes a partial success for a success`, async (t) => {
      const server = await startObsvty(t, { settings: { FAULT_INJECTION: "true" } });
      const fault: Fault = { kind: "partial-success", rejected: 1, message: "not that one" };
      server.core.faults?.set([{ times: 1, fault }]);
      assert.equal((await exportUnder(server.url)).code, 0);
      assert.deepEqual(server.core.faults?.rules, []);
    });
  });
}
