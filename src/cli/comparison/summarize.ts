import { fromBinary } from "@bufbuild/protobuf";
import type { KeyValue } from "../../../gen/opentelemetry/proto/common/v1/common_pb.ts";
import { SeverityNumberSchema } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import {
  type Span,
  Span_SpanKindSchema,
  Status_StatusCode,
} from "../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { Signal } from "../../domain/signal.ts";
import { countItems, cutRequest } from "../../otlp/request-items.ts";
import { requestSchemas } from "../../otlp/services.ts";
import type { SummarizedSpan, Summary } from "./summary.ts";

/** Items that are decoded at a time. */
const partItems = 2_000;

/** Adds what stands in an encoded request. Profiles have nothing to compare by. */
export function summarize(signal: Signal, bytes: Uint8Array, summary: Summary): void {
  const items = countItems(signal, bytes);
  for (let from = 0; from < items; from += partItems) {
    const part = items <= partItems ? bytes : cutRequest(signal, bytes, from, partItems);
    if (signal === "traces") addSpans(part, summary);
    else if (signal === "logs") addLogs(part, summary);
    else if (signal === "metrics") addMetrics(part, summary);
  }
}

function addSpans(bytes: Uint8Array, summary: Summary): void {
  for (const { resource, scopeSpans } of fromBinary(requestSchemas.traces, bytes).resourceSpans) {
    const service = serviceOf(resource?.attributes);
    for (const { spans } of scopeSpans) {
      for (const span of spans) summary.addSpan(summarized(service, span));
    }
  }
}

function summarized(service: string, span: Span): SummarizedSpan {
  const { startTimeUnixNano: start, endTimeUnixNano: end } = span;
  return {
    service,
    name: span.name,
    kind: Span_SpanKindSchema.value[span.kind]?.localName.toLowerCase() ?? String(span.kind),
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    // Some SDKs send eight zero bytes as the parent of a root.
    parentId: span.parentSpanId.some((byte) => byte !== 0) ? hex(span.parentSpanId) : "",
    failed: span.status?.code === Status_StatusCode.ERROR,
    nanos: start === 0n || end === 0n ? undefined : Number(end - start),
  };
}

function addLogs(bytes: Uint8Array, summary: Summary): void {
  for (const { resource, scopeLogs } of fromBinary(requestSchemas.logs, bytes).resourceLogs) {
    const service = serviceOf(resource?.attributes);
    for (const { logRecords } of scopeLogs) {
      for (const { severityNumber } of logRecords) {
        const name = SeverityNumberSchema.value[severityNumber]?.localName ?? String(severityNumber);
        summary.addLog(service, name);
      }
    }
  }
}

function addMetrics(bytes: Uint8Array, summary: Summary): void {
  for (const { resource, scopeMetrics } of fromBinary(requestSchemas.metrics, bytes).resourceMetrics) {
    const service = serviceOf(resource?.attributes);
    for (const { metrics } of scopeMetrics) {
      for (const { name, unit, data } of metrics) {
        summary.addMetric({ service, name, unit, type: data.case ?? "no data" });
      }
    }
  }
}

function serviceOf(attributes: readonly KeyValue[] = []): string {
  const { value } = attributes.find(({ key }) => key === "service.name")?.value ?? {};
  return value?.case === "stringValue" ? value.value : "";
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
