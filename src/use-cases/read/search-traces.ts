import type { SpanFilter } from "../../domain/filter.ts";
import type { TraceSummary } from "../../domain/telemetry.ts";
import { decodeSpanCore } from "../../otlp/decode/span-core.ts";
import { traceIdOf } from "../../otlp/decode/trace-id.ts";
import { planOf } from "../filter/item-plan.ts";
import type { Show } from "./answer-page.ts";
import type { Page } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import type { SearchQuery } from "./search.ts";
import { type Grouping, searchGroups } from "./search-groups.ts";
import { TraceSummaryBuilder } from "./trace-summary.ts";
import { walkViews } from "./walk.ts";

/** Spans are grouped by their trace. */
export const byTrace = {
  groupKey: ({ traceId }) => traceId,
  encodedKey: ({ item }) => traceIdOf(item),
} as const satisfies Grouping<"spans">;

/**
 * A page of the traces of which a span matches, in order of their newest such span. Each summary is of all the
 * spans of the trace that are held.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export function searchTraces<Value>(
  dependencies: ReadDependencies,
  query: SearchQuery<SpanFilter>,
  show: Show<TraceSummary, Value>,
): Promise<Page<Value>> {
  const plan = planOf("spans", query.filter);
  const { signal } = plan;
  return searchGroups<"spans", Value>(dependencies, plan, query, byTrace, async (groups, reading) => {
    const builders = new Map(groups.map(({ key }) => [key, new TraceSummaryBuilder()]));
    const { first: from, next: to } = dependencies.store.range(signal);
    const traceIds = new Set(builders.keys());
    const window = { signal, filter: { traceIds }, from, to, order: "oldest", abort: query.abort } as const;
    await walkViews(dependencies, window, (encoded) => {
      reading.attempt(encoded.ordinal, () => {
        builders.get(traceIdOf(encoded.item))?.add(decodeSpanCore(encoded), encoded.item);
      });
      return true;
    });
    return ({ key, ordinal }) => {
      const summary = builders.get(key)?.summary(key, ordinal);
      // A trace may have been evicted since it was found.
      return summary && summary.spanCount > 0 ? show(summary) : undefined;
    };
  });
}
