/*
 * The package's export `obsvty/testing`: an OTLP receiver inside a test, and assertions on what it got. docs/testing.md
 * is its manual. Nothing else of `src` is public.
 */
export type { Attributes, AttributeValue } from "../domain/telemetry.ts";
export { type AssertOptions, assertLog, assertMetric, assertSpan, assertTraceShape } from "./assertions.ts";
export type { ExportRequest } from "./export-request.ts";
export type { ExporterEnv, ExporterProtocol } from "./exporter-env.ts";
export type { FaultRule, Faults } from "./faults.ts";
export type { Duration, LogFilter, MetricFilter, SpanFilter } from "./filters.ts";
export type {
  ExponentialHistogram,
  Histogram,
  LogRecord,
  MetricPoint,
  MetricType,
  Severity,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
  Summary,
} from "./items.ts";
export { type MatcherResult, matchers, type ObsvtyMatchers } from "./matchers.ts";
export type { Receiver, ReceiverOptions, WaitOptions } from "./receiver.ts";
export { startReceiver } from "./start-receiver.ts";
export type { FailureStatus } from "./status.ts";
export type { FindSpan, Trace, TraceNode } from "./trace.ts";
export type { TraceShape } from "./trace-shape.ts";
