import assert from "node:assert/strict";
import { create, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { LogRecordSchema } from "../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { ResourceSchema } from "../../gen/opentelemetry/proto/resource/v1/resource_pb.ts";
import type { SpanSchema } from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { decodeSpan } from "../../src/otlp/decode/decode-item.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import type { AppendOutcome, TelemetryStore } from "../../src/ports/telemetry-store.ts";
import {
  makeLogRecord,
  makeLogsRequest,
  makeMetricsRequest,
  makeProfilesRequest,
  makeSpan,
  makeTraceRequest,
  type Overrides,
  type RequestOptions,
} from "../support/otlp.ts";
import { type AttributeValues, makeAttributes } from "../support/otlp-attributes.ts";
import { createRandom } from "../support/random.ts";

export type AnyRequest = MessageShape<(typeof requestSchemas)[Signal]>;

export function encode(signal: Signal, request: AnyRequest): Uint8Array {
  return toBinary(requestSchemas[signal], request as never);
}

export function appendBytes(store: TelemetryStore, signal: Signal, ...chunks: Uint8Array[]): AppendOutcome {
  return store.append(
    signal,
    chunks,
    chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
  );
}

export type Kept = Extract<AppendOutcome, { kind: "kept" }>;

/** Appends a request that is not to be refused. */
export function keep(store: TelemetryStore, signal: Signal, request: AnyRequest): Kept {
  const outcome = appendBytes(store, signal, encode(signal, request));
  assert.ok(outcome.kind === "kept", "the request is kept");
  return outcome;
}

type Options = Omit<RequestOptions, "count">;

/** Spans named "span 0", "span 1" and so on. */
export function spansOf(count: number, options: Options = {}) {
  const request = makeTraceRequest({ ...options, count });
  for (const [i, span] of request.resourceSpans[0]!.scopeSpans[0]!.spans.entries()) span.name = `span ${i}`;
  return request;
}

export function logsOf(count: number, options: Options = {}) {
  return makeLogsRequest({ ...options, count });
}

/** `count` data points over five metrics, one of each type. */
export function metricsOf(count: number, options: Options = {}) {
  return makeMetricsRequest({ ...options, count });
}

export function requestOf(signal: Signal, count: number, options: Options = {}): AnyRequest {
  switch (signal) {
    case "traces":
      return spansOf(count, options);
    case "logs":
      return logsOf(count, options);
    case "metrics":
      return metricsOf(count, options);
    case "profiles":
      return makeProfilesRequest({ ...options, count });
  }
}

export function resourceOf(attributes: AttributeValues) {
  return create(ResourceSchema, { attributes: makeAttributes(attributes) });
}

/** One request of one resource with these spans, each with ids of its own unless it says otherwise. */
export function spansWith(...overrides: Overrides<typeof SpanSchema>[]) {
  const random = createRandom(7);
  const spans = overrides.map((fields) => makeSpan(fields, random));
  const resource = resourceOf({ "service.name": "shop" });
  return create(requestSchemas.traces, {
    resourceSpans: [{ resource, scopeSpans: [{ spans }] }],
  });
}

export function logsWith(...overrides: Overrides<typeof LogRecordSchema>[]) {
  const random = createRandom(7);
  const logRecords = overrides.map((fields) => makeLogRecord(fields, random));
  const resource = resourceOf({ "service.name": "shop" });
  return create(requestSchemas.logs, {
    resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }],
  });
}

/** Of the spans held, the oldest first. */
export function spanNames(store: TelemetryStore): string[] {
  const { first, next } = store.range("traces");
  return Array.from({ length: next - first }, (_, i) => decodeSpan(store.read("traces", first + i)!).name);
}
