import { ObsvtyError } from "../../domain/errors.ts";
import type { TraceId } from "../../domain/ids.ts";
import { readLimits } from "../../domain/read-limits.ts";
import type { Span } from "../../domain/telemetry.ts";
import { compareTimes } from "../../domain/time.ts";
import { planOf } from "../filter/item-plan.ts";
import { AnswerPage, type Show } from "./answer-page.ts";
import { type AnswerQuery, boundsOf, type Page, pageOf, windowOf } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { readPage } from "./read-page.ts";

interface StartedSpan<Value> {
  readonly startUnixNano: bigint;
  readonly value: Value;
}

export interface TraceQuery extends AnswerQuery {
  /** Only these spans. @default all of them */
  readonly spanIds?: ReadonlySet<string>;
}

/**
 * A page of the spans held of a trace: the first that arrived and fit, sorted by start.
 * @throws ObsvtyError not-found when none is held and no cursor is given, and those of `search`
 */
export async function getTrace<Value>(
  dependencies: ReadDependencies,
  traceId: TraceId,
  query: TraceQuery,
  show: Show<Span, Value>,
): Promise<Page<Value>> {
  const { spanIds } = query;
  const isWanted = { name: "span_ids", isMet: ({ spanId }: Span) => spanIds?.has(spanId) === true };
  const plan = planOf("spans", { traceId }, spanIds === undefined ? [] : [isWanted]);
  const window = { ...windowOf(dependencies, plan.signal, query), order: "oldest" } as const;
  const bounds = { ...boundsOf(query), maxItems: readLimits.limit.max };
  const page = new AnswerPage<StartedSpan<Value>>(bounds, window.order);
  const end = await readPage(
    dependencies,
    plan,
    window,
    page,
    (span) => {
      const { value, byteLength } = show(span);
      return { value: { startUnixNano: span.startUnixNano, value }, byteLength };
    },
    query.abort,
  );
  if (page.values.length === 0 && query.after === undefined) {
    const which = spanIds === undefined ? "no span" : "none of these spans";
    throw new ObsvtyError("not-found", `${which} of trace ${traceId} is held`);
  }
  const values = page.values.toSorted(byStart).map(({ value }) => value);
  return pageOf(dependencies, window, { values }, end);
}

/** Spans that started together stay in order of arrival. */
function byStart(a: StartedSpan<unknown>, b: StartedSpan<unknown>): number {
  return compareTimes(a.startUnixNano, b.startUnixNano);
}
