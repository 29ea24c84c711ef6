import type { SpanFilter } from "../../domain/filter.ts";
import type { TraceSummary } from "../../domain/telemetry.ts";
import { traceIdOf } from "../../otlp/decode/trace-id.ts";
import { planOf } from "../filter/item-plan.ts";
import type { Show } from "./answer-page.ts";
import type { Page } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import type { SearchQuery } from "./search.ts";
import { searchGroups } from "./search-groups.ts";
import { TraceSummaryBuilder } from "./trace-summary.ts";
import { walk } from "./walk.ts";

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
  return searchGroups<"spans", Value>(
    dependencies,
    plan,
    query,
    ({ traceId }) => traceId,
    async (groups, reading) => {
      const builders = new Map(groups.map(({ key }) => [key, new TraceSummaryBuilder()]));
      const { first: from, next: to } = dependencies.store.range(signal);
      await walk(dependencies, { signal, from, to, order: "oldest", abort: query.abort }, (encoded) => {
        reading.attempt(encoded.ordinal, () => {
          const builder = builders.get(traceIdOf(encoded.item));
          const span = builder && reading.decode(encoded);
          if (span !== undefined) builder?.add(span);
        });
        return true;
      });
      return ({ key, ordinal }) => {
        const summary = builders.get(key)?.summary(key, ordinal);
        // A trace may have been evicted since it was found.
        return summary && summary.spanCount > 0 ? show(summary) : undefined;
      };
    },
  );
}
