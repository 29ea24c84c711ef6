import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { query, startObsvty, statsOf } from "../support/obsvty.ts";
import { recordSdkSpans, sdkTraceId } from "../support/sdk-telemetry.ts";

test("spans of the official gRPC exporter come back as they were", async (t) => {
  const server = await startObsvty(t);
  const exporter = new OTLPTraceExporter({ url: server.url });
  t.after(() => exporter.shutdown());
  const spans = await recordSdkSpans();
  const result = await new Promise<{ code: number }>((resolve) => exporter.export(spans, resolve));
  assert.equal(result.code, 0);
  const { spans: found } = await query(server, "GetTrace", { traceId: sdkTraceId.toUpperCase() });
  const cart = found.find((span: { name: string }) => span.name === "GET /cart");
  assert.equal(cart.traceId, sdkTraceId);
  assert.equal(cart.kind, "SPAN_KIND_SERVER");
  assert.equal(cart.startTime, "2026-11-23T10:00:00.123456789Z");
  assert.equal(cart.service, "shop");
  assert.equal(cart.status.code, "STATUS_CODE_ERROR");
  assert.equal(cart.events.length, 1);
  assert.equal(cart.links.length, 1);
});

test("the official gRPC exporter reports a refusal as an error", async (t) => {
  const server = await startObsvty(t, { settings: { MAX_RECEIVE_MESSAGE_LENGTH: "10" } });
  const exporter = new OTLPTraceExporter({ url: server.url });
  t.after(() => exporter.shutdown());
  const spans = await recordSdkSpans();
  const result = await new Promise<{ code: number; error?: Error }>((resolve) =>
    exporter.export(spans, resolve),
  );
  assert.equal(result.code, 1);
  assert.match(String(result.error?.message), /larger than max/);
});

test("an export of no log records is accepted", async (t) => {
  const server = await startObsvty(t);
  const exporter = new OTLPLogExporter({ url: server.url });
  t.after(() => exporter.shutdown());
  const result = await new Promise<{ code: number }>((resolve) => exporter.export([], resolve));
  assert.equal(result.code, 0);
});

test("the example client says in one line that nothing answers", async () => {
  const main = fileURLToPath(new URL("../../examples/node-client/main.js", import.meta.url));
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:1", NODE_OPTIONS: "" };
  const stderr = "Nothing answers at http://localhost:1: start obsvty first.\n";
  await assert.rejects(promisify(execFile)(process.execPath, [main], { env }), {
    code: 1,
    stdout: "",
    stderr,
  });
});

test("the example client's traces, logs and metrics come back with what it gave them", async (t) => {
  const server = await startObsvty(t);
  const main = fileURLToPath(new URL("../../examples/node-client/main.js", import.meta.url));
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: server.url, NODE_OPTIONS: "" };
  const { stdout } = await promisify(execFile)(process.execPath, [main], { env });
  const stats = await statsOf(server);
  assert.deepEqual([stats.traces.items, stats.logs.items, stats.metrics.items], [6, 3, 3]);

  const traceId = /"traceId":"([0-9a-f]{32})"/.exec(stdout)?.[1];
  const { spans } = await query(server, "GetTrace", { traceId });
  assert.equal(spans.length, 2);
  const named = (name: string) => spans.find((span: { name: string }) => span.name === name);
  const checkout = named("POST /checkout");
  const charge = named("charge card");
  assert.equal(checkout.attributes["http.response.status_code"], 402);
  assert.equal(checkout.links.length, 1);
  assert.equal(charge.parentSpanId, checkout.spanId);
  assert.deepEqual(
    charge.events.map((event: { name: string }) => event.name),
    ["card checked", "exception"],
  );
  assert.deepEqual(charge.status, { code: "STATUS_CODE_ERROR", message: "card declined" });

  const { logs } = await query(server, "SearchLogs", {
    filter: { minSeverity: "SEVERITY_NUMBER_ERROR", bodyContains: "declined" },
  });
  assert.equal(logs.length, 1);
  assert.equal(logs[0].traceId, traceId);
  const { metrics } = await query(server, "SearchMetrics", { filter: { name: "shop.order.amount" } });
  assert.equal(metrics[0].histogram.count, "2");
  assert.equal(metrics[0].unit, "EUR");
});
