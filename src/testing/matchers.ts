import { AssertionError } from "node:assert";
import type { ItemKind } from "../domain/item-kind.ts";
import type { AssertOptions } from "./assertions.ts";
import type { Filters, LogFilter, MetricFilter, SpanFilter } from "./filters.ts";
import { describeTooFew, describeUnwanted } from "./internal/failure.ts";
import { shownBefore } from "./internal/item-json.ts";
import { isList, matching } from "./internal/matching.ts";
import { parseFilter } from "./internal/parse-filter.ts";
import type { Items, LogRecord, MetricPoint, Span } from "./items.ts";
import type { Receiver, WaitOptions } from "./receiver.ts";
import type { Trace, TraceNode } from "./trace.ts";
import { shapeDifference, type TraceShape } from "./trace-shape.ts";

/** What a matcher answers to `expect`, of Vitest and of Jest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What `expect` calls a matcher on. */
interface MatcherContext {
  readonly isNot?: boolean;
}

/**
 * The matchers as `expect(received)` has them, to be told to TypeScript once.
 * @example
 * declare module "vitest" { // with Jest "expect"
 *   interface Matchers<R extends void | Promise<void>, T = unknown> extends ObsvtyMatchers<T> {}
 * }
 */
export interface ObsvtyMatchers<Received = unknown> {
  /** A span of a list, or of a receiver, matches. On a receiver it waits and has to be awaited. */
  toHaveSpan(filter: SpanFilter, options?: AssertOptions): Matched<Received>;
  /** A log record of a list, or of a receiver, matches. */
  toHaveLog(filter: LogFilter, options?: AssertOptions): Matched<Received>;
  /** A data point of a list, or of a receiver, matches. */
  toHaveMetric(filter: MetricFilter, options?: AssertOptions): Matched<Received>;
  /** A trace, or a part of it, has this shape. */
  toBeTraceShaped(shape: TraceShape): void;
}

/** On a list a matcher answers at once. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is what a matcher returns
type Matched<Received> = Received extends readonly unknown[] ? void : Promise<void>;

/** The methods of a receiver for each kind of items. */
const waits = { spans: "waitForSpans", logs: "waitForLogs", metrics: "waitForMetrics" } as const;

/**
 * Matchers for `expect.extend` of Vitest and of Jest. On a receiver they wait, and have to be awaited; `.not` looks at
 * what is held now.
 * @example
 * expect.extend(matchers);
 * await expect(receiver).toHaveSpan({ name: "GET /cart" });
 * expect(await receiver.logs()).not.toHaveLog({ minSeverity: "error" });
 */
export const matchers = {
  toHaveSpan(
    this: unknown,
    received: Receiver | readonly Span[],
    filter: SpanFilter,
    options?: AssertOptions,
  ) {
    return toHave("spans", this, received, filter, options);
  },
  toHaveLog(
    this: unknown,
    received: Receiver | readonly LogRecord[],
    filter: LogFilter,
    options?: AssertOptions,
  ) {
    return toHave("logs", this, received, filter, options);
  },
  toHaveMetric(
    this: unknown,
    received: Receiver | readonly MetricPoint[],
    filter: MetricFilter,
    options?: AssertOptions,
  ) {
    return toHave("metrics", this, received, filter, options);
  },
  toBeTraceShaped(received: Trace | TraceNode, shape: TraceShape): MatcherResult {
    const difference = shapeDifference(received, shape);
    return {
      pass: difference === undefined,
      message: () => difference ?? "expected the trace to have another shape",
    };
  },
};

function toHave<Kind extends ItemKind>(
  kind: Kind,
  context: unknown,
  received: Receiver | readonly Items[Kind][],
  filter: Filters[Kind],
  options: AssertOptions = {},
): MatcherResult | Promise<MatcherResult> {
  if (isList(received)) return resultOf(kind, received, filter);
  const isNot = (context as MatcherContext | undefined)?.isNot === true;
  return awaited(kind, received, filter, isNot ? { timeoutMs: 0, ...options } : options);
}

async function awaited<Kind extends ItemKind>(
  kind: Kind,
  receiver: Receiver,
  filter: Filters[Kind],
  options: WaitOptions,
): Promise<MatcherResult> {
  const wait = receiver[waits[kind]] as (
    filter: Filters[Kind],
    options: WaitOptions,
  ) => Promise<Items[Kind][]>;
  try {
    const matched = await wait(filter, options);
    return { pass: true, message: () => describeUnwanted(kind, filter, matched) };
  } catch (reason) {
    if (!(reason instanceof AssertionError)) throw reason;
    return { pass: false, message: () => reason.message };
  }
}

function resultOf<Kind extends ItemKind>(
  kind: Kind,
  items: readonly Items[Kind][],
  filter: Filters[Kind],
): MatcherResult {
  const matched = matching(kind, items, filter);
  const parsed = parseFilter(kind, filter, shownBefore);
  return matched.length > 0
    ? { pass: true, message: () => describeUnwanted(kind, filter, matched) }
    : { pass: false, message: () => describeTooFew({ kind, filter, parsed, count: 1, items }) };
}
