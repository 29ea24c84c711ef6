import type { SpanFilter } from "../../domain/filter.ts";
import { traceIdOf } from "../../otlp/decode/trace-id.ts";
import { planOf } from "../filter/item-plan.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import type { LeaveOut } from "./search-groups.ts";
import { walkViews } from "./walk.ts";

/** Leaves out traces of which a span that is held matches one of the filters. Undefined when there are no filters. */
export function leaveOutTraces(
  dependencies: ReadDependencies,
  filters: readonly SpanFilter[],
  abort: AbortSignal | undefined,
): LeaveOut<"spans"> | undefined {
  if (filters.length === 0) return undefined;
  const plans = filters.map((filter) => planOf("spans", filter));
  return async (groups, reading) => {
    const traceIds = new Set(groups.map(({ key }) => key));
    // A filter that every span matches leaves out every trace.
    if (plans.some(({ matches }) => matches === undefined)) return traceIds;
    const leftOut = new Set<string>();
    for (const plan of plans) {
      const { signal, filter } = plan;
      const own = reading.by(plan);
      const { first: from, next: to } = dependencies.store.range(signal);
      const window = { signal, filter: { ...filter, traceIds }, from, to, order: "oldest", abort } as const;
      await walkViews(dependencies, window, ({ item, ordinal }) => {
        const traceId = traceIdOf(item);
        if (!traceIds.has(traceId)) return true;
        const span = own.read(ordinal);
        if (span !== undefined && own.matches(span)) {
          leftOut.add(traceId);
          // The index then finds no more spans of it.
          traceIds.delete(traceId);
        }
        return traceIds.size > 0;
      });
      if (traceIds.size === 0) break;
    }
    return leftOut;
  };
}
