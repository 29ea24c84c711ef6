import type { ItemKind } from "../domain/item-kind.ts";
import type { Filters, LogFilter, MetricFilter, SpanFilter } from "./filters.ts";
import { tooFewItems } from "./internal/failure.ts";
import { failure } from "./internal/failure-text.ts";
import { shownBefore } from "./internal/item-json.ts";
import { isList, matching } from "./internal/matching.ts";
import { parseFilter } from "./internal/parse-filter.ts";
import type { Items, LogRecord, MetricPoint, Span } from "./items.ts";
import type { Receiver, WaitOptions } from "./receiver.ts";
import type { Trace, TraceNode } from "./trace.ts";
import { shapeDifference, type TraceShape } from "./trace-shape.ts";

/** How long an assertion waits for what it asks of a receiver. */
export type AssertOptions = Pick<WaitOptions, "timeoutMs">;

/**
 * Asserts that a span matches: of a list, or of a receiver, for which it waits like `waitForSpans`.
 * @returns the first that matches
 * @throws AssertionError
 * @example
 * const span = await assertSpan(receiver, { name: "GET /cart", statusCode: "ok" });
 * assertSpan(await receiver.spans(), { name: "SELECT", attributes: { "db.system.name": "sqlite" } });
 */
export function assertSpan(from: readonly Span[], filter: SpanFilter): Span;
export function assertSpan(from: Receiver, filter: SpanFilter, options?: AssertOptions): Promise<Span>;
export function assertSpan(
  from: Receiver | readonly Span[],
  filter: SpanFilter,
  options: AssertOptions = {},
): Span | Promise<Span> {
  return isList(from)
    ? firstOf("spans", from, filter)
    : from.waitForSpans(filter, options).then(([first]) => first as Span);
}

/**
 * Asserts that a log record matches: see `assertSpan`.
 * @example
 * await assertLog(receiver, { minSeverity: "error", bodyContains: "declined" });
 */
export function assertLog(from: readonly LogRecord[], filter: LogFilter): LogRecord;
export function assertLog(from: Receiver, filter: LogFilter, options?: AssertOptions): Promise<LogRecord>;
export function assertLog(
  from: Receiver | readonly LogRecord[],
  filter: LogFilter,
  options: AssertOptions = {},
): LogRecord | Promise<LogRecord> {
  return isList(from)
    ? firstOf("logs", from, filter)
    : from.waitForLogs(filter, options).then(([first]) => first as LogRecord);
}

/**
 * Asserts that a data point matches: see `assertSpan`.
 * @example
 * await assertMetric(receiver, { name: "shop.orders", value: 3 });
 */
export function assertMetric(from: readonly MetricPoint[], filter: MetricFilter): MetricPoint;
export function assertMetric(
  from: Receiver,
  filter: MetricFilter,
  options?: AssertOptions,
): Promise<MetricPoint>;
export function assertMetric(
  from: Receiver | readonly MetricPoint[],
  filter: MetricFilter,
  options: AssertOptions = {},
): MetricPoint | Promise<MetricPoint> {
  return isList(from)
    ? firstOf("metrics", from, filter)
    : from.waitForMetrics(filter, options).then(([first]) => first as MetricPoint);
}

/**
 * Asserts that a trace, or a part of it, has a shape. Siblings may stand in any order.
 * @throws AssertionError that says which child is missing or too much, and which field differs
 * @example
 * const trace = await receiver.waitForTrace({ name: "POST /checkout" });
 * assertTraceShape(trace, {
 *   name: "POST /checkout",
 *   children: [{ name: "load cart" }, { name: "charge card", attributes: { "card.kind": "debit" }, children: [] }],
 * });
 */
export function assertTraceShape(trace: Trace | TraceNode, shape: TraceShape): void {
  const difference = shapeDifference(trace, shape);
  if (difference !== undefined) throw failure(difference);
}

function firstOf<Kind extends ItemKind>(
  kind: Kind,
  items: readonly Items[Kind][],
  filter: Filters[Kind],
): Items[Kind] {
  const [first] = matching(kind, items, filter);
  if (first !== undefined) return first;
  const parsed = parseFilter(kind, filter, shownBefore);
  throw tooFewItems({ kind, filter, parsed, count: 1, items });
}
