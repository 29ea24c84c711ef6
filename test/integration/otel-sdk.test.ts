import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { assertLog, assertMetric, assertSpan, assertTraceShape } from "../../src/testing/assertions.ts";
import { startReceiver } from "../../src/testing/start-receiver.ts";
import { recordSdkSpans, sdkTraceId } from "../support/sdk-telemetry.ts";

test("spans of the official gRPC exporter come back as they were", async (t) => {
  await using receiver = await startReceiver();
  const exporter = new OTLPTraceExporter({ url: receiver.endpoint });
  t.after(() => exporter.shutdown());
  const spans = await recordSdkSpans();
  const result = await new Promise<{ code: number }>((resolve) => exporter.export(spans, resolve));
  assert.equal(result.code, 0);
  const cart = assertSpan(await receiver.spans({ traceId: sdkTraceId.toUpperCase() }), {
    name: "GET /cart",
    kind: "server",
    service: "shop",
    statusCode: "error",
  });
  assert.equal(cart.traceId, sdkTraceId);
  assert.equal(cart.startTime, "2026-11-23T10:00:00.123456789Z");
  assert.equal(cart.events.length, 1);
  assert.equal(cart.links.length, 1);
});

test("the official gRPC exporter reports a refusal as an error", async (t) => {
  await using receiver = await startReceiver({ settings: { MAX_RECEIVE_MESSAGE_LENGTH: "10" } });
  const exporter = new OTLPTraceExporter({ url: receiver.endpoint });
  t.after(() => exporter.shutdown());
  const spans = await recordSdkSpans();
  const result = await new Promise<{ code: number; error?: Error }>((resolve) =>
    exporter.export(spans, resolve),
  );
  assert.equal(result.code, 1);
  assert.match(String(result.error?.message), /larger than max/);
  assert.deepEqual(
    receiver.requests().map(({ status, items }) => [status, items]),
    [["RESOURCE_EXHAUSTED", 0]],
  );
});

test("an export of no log records is accepted", async (t) => {
  await using receiver = await startReceiver();
  const exporter = new OTLPLogExporter({ url: receiver.endpoint });
  t.after(() => exporter.shutdown());
  const result = await new Promise<{ code: number }>((resolve) => exporter.export([], resolve));
  assert.equal(result.code, 0);
  assert.deepEqual(
    receiver.requests().map(({ signal, status, items }) => [signal, status, items]),
    [["logs", "OK", 0]],
  );
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

test("the example client's traces, logs and metrics come back with what it gave them", async () => {
  await using receiver = await startReceiver();
  const main = fileURLToPath(new URL("../../examples/node-client/main.js", import.meta.url));
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, NODE_OPTIONS: "" };
  const { stdout } = await promisify(execFile)(process.execPath, [main], { env });
  const [spans, logs, metrics] = await Promise.all([receiver.spans(), receiver.logs(), receiver.metrics()]);
  assert.deepEqual([spans.length, logs.length, metrics.length], [6, 3, 3]);

  const [, traceId = ""] = /"traceId":"([0-9a-f]{32})"/.exec(stdout) ?? [];
  const trace = await receiver.trace(traceId);
  assertTraceShape(trace, {
    name: "POST /checkout",
    attributes: { "http.response.status_code": 402 },
    where: ({ links }) => links.length === 1,
    children: [{ name: "charge card", statusCode: "error", children: [] }],
  });
  const charge = trace.find("charge card")?.span;
  assert.deepEqual(
    charge?.events.map(({ name }) => name),
    ["card checked", "exception"],
  );
  assert.deepEqual(charge?.status, { code: "STATUS_CODE_ERROR", message: "card declined" });

  assert.equal(assertLog(logs, { minSeverity: "error", bodyContains: "declined" }).traceId, traceId);
  const amount = assertMetric(metrics, { name: "shop.order.amount" });
  assert.deepEqual([amount.histogram?.count, amount.unit], ["2", "EUR"]);
});
