import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { OTLPLogExporter as LogHttp } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as LogProto } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as MetricHttp } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as MetricProto } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as TraceHttp } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as TraceProto } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { AggregationTemporality } from "@opentelemetry/sdk-metrics";
import { query, startObsvty, statsOf } from "../support/obsvty.ts";
import { recordSdkLogs, recordSdkMetrics, recordSdkSpans, sdkTraceId } from "../support/sdk-telemetry.ts";

interface Exporter<Items> {
  export(items: Items, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

async function send<Items>(exporter: Exporter<Items>, items: Items): Promise<ExportResult> {
  try {
    return await new Promise((resolve) => exporter.export(items, resolve));
  } finally {
    await exporter.shutdown();
  }
}

const kinds = [
  ["http (JSON)", TraceHttp, LogHttp, MetricHttp],
  ["proto", TraceProto, LogProto, MetricProto],
] as const;

for (const [kind, Trace, Log, Metric] of kinds) {
  describe(`the official ${kind} exporters`, () => {
    for (const compression of [CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP]) {
      test(`the official ${kind} exporters send traces, logs and metrics on both ports, compression ${compression}`, async (t) => {
        const server = await startObsvty(t, { settings: { OTLP_HTTP_PORT: "0" } });
        const logs = await recordSdkLogs();
        for (const base of [server.url, server.httpUrl]) {
          const to = (path: string) => ({ url: `${base}${path}`, compression });
          const sent = [
            await send(new Trace(to("/v1/traces")), await recordSdkSpans()),
            await send(new Log(to("/v1/logs")), logs),
            await send(
              new Metric(to("/v1/metrics")),
              await recordSdkMetrics(AggregationTemporality.CUMULATIVE),
            ),
          ];
          assert.deepEqual(
            sent.map(({ code, error }) => [code, error?.message]),
            [
              [0, undefined],
              [0, undefined],
              [0, undefined],
            ],
          );
        }
        const { traces, logs: held, metrics } = await statsOf(server);
        assert.deepEqual([traces.rejected, held.rejected, metrics.rejected], [0, 0, 0]);
        assert.equal(held.items, 2 * logs.length);
        assert.ok(metrics.items > 0);
        const { spans } = await query(server, "GetTrace", { traceId: sdkTraceId });
        const cart = spans.find((span: { name: string }) => span.name === "GET /cart");
        assert.equal(cart.startTime, "2026-11-23T10:00:00.123456789Z");
        assert.equal(cart.service, "shop");
        assert.deepEqual([cart.events.length, cart.links.length], [1, 1]);
      });
    }

    test(`the official ${kind} exporters report a refusal as an error`, async (t) => {
      const server = await startObsvty(t, { settings: { MAX_RECEIVE_MESSAGE_LENGTH: "10" } });
      const result = await send(new Trace({ url: `${server.url}/v1/traces` }), await recordSdkSpans());
      assert.equal(result.code, 1);
    });
  });
}

test("JavaScript's default configuration works for three signals, given the endpoint and nothing else", async (t) => {
  const server = await startObsvty(t, { settings: { OTLP_HTTP_PORT: "0" } });
  const program = fileURLToPath(new URL("../support/default-sdk.js", import.meta.url));
  const env = {
    PATH: process.env.PATH,
    OTEL_EXPORTER_OTLP_ENDPOINT: server.httpUrl,
  };
  await promisify(execFile)(process.execPath, [program], { env });
  const { traces, logs, metrics } = await statsOf(server);
  assert.deepEqual([traces.accepted, logs.accepted], [1, 1]);
  assert.ok(metrics.accepted >= 1);
  const { spans } = await query(server, "SearchSpans");
  assert.equal(spans[0].name, "work");
});
