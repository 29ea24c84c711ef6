import type { SpanFilter } from "../../domain/filter.ts";
import type { TraceSummary } from "../../domain/telemetry.ts";
import { decodeSpanCore } from "../../otlp/decode/span-core.ts";
import { traceIdOf } from "../../otlp/decode/trace-id.ts";
import { planOf } from "../filter/item-plan.ts";
import type { Show } from "./answer-page.ts";
import type { ItemReading } from "./item-reading.ts";
import type { Page } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import type { SearchQuery } from "./search.ts";
import { type Group, type Grouping, searchGroups } from "./search-groups.ts";
import { TraceSummaryBuilder } from "./trace-summary.ts";
import { leaveOutTraces } from "./traces-without.ts";
import { walkViews } from "./walk.ts";

/** Spans are grouped by their trace. */
export const byTrace = {
  groupKey: ({ traceId }) => traceId,
  encodedKey: ({ item }) => traceIdOf(item),
} as const satisfies Grouping<"spans">;

/** A search of traces. */
export interface TraceSearchQuery extends SearchQuery<SpanFilter> {
  /** Traces of which a span that is held matches one of these are left out. @default none */
  readonly without?: readonly SpanFilter[];
}

/**
 * A page of the traces of which a span matches, in order of their newest such span. Each summary is of all the
 * spans of the trace that are held.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export function searchTraces<Value>(
  dependencies: ReadDependencies,
  query: TraceSearchQuery,
  show: Show<TraceSummary, Value>,
): Promise<Page<Value>> {
  const plan = planOf("spans", query.filter);
  const { signal } = plan;
  const { without = [], abort } = query;
  const leaveOut = leaveOutTraces(dependencies, without, abort);
  return searchGroups<"spans", Value>(dependencies, plan, query, byTrace, summaries, leaveOut);

  async function summaries(groups: readonly Group[], reading: ItemReading<"spans">) {
    const builders = new Map(groups.map(({ key }) => [key, new TraceSummaryBuilder()]));
    const { first: from, next: to } = dependencies.store.range(signal);
    const traceIds = new Set(builders.keys());
    const window = { signal, filter: { traceIds }, from, to, order: "oldest", abort } as const;
    await walkViews(dependencies, window, (encoded) => {
      reading.attempt(encoded.ordinal, () => {
        builders.get(traceIdOf(encoded.item))?.add(decodeSpanCore(encoded), encoded.item);
      });
      return true;
    });
    return ({ key, ordinal }: Group) => {
      const summary = builders.get(key)?.summary(key, ordinal);
      // A trace may have been evicted since it was found.
      return summary && summary.spanCount > 0 ? show(summary) : undefined;
    };
  }
}
