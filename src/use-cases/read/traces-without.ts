import type { SpanFilter } from "../../domain/filter.ts";
import { traceIdOf } from "../../otlp/decode/trace-id.ts";
import { planOf } from "../filter/item-plan.ts";
import type { ItemReading } from "./item-reading.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import type { LeaveOut } from "./search-groups.ts";
import { walkViews } from "./walk.ts";

/** For so many traces their own spans are looked at. For more, those of all traces, once. */
const fewTraces = 4_096;

/** Leaves out traces of which a span that is held matches one of the filters. Undefined when no trace has to be. */
export function leavingOut(
  dependencies: ReadDependencies,
  filters: readonly SpanFilter[],
  reading: ItemReading<"spans">,
  abort: AbortSignal | undefined,
): LeaveOut | undefined {
  if (filters.length === 0) return undefined;
  const plans = filters.map((filter) => planOf("spans", filter));
  let all: ReadonlySet<string> | undefined;
  let asked = 0;
  return async (groups) => {
    asked += groups.length;
    if (asked <= fewTraces) return tracesThatMatch(new Set(groups.map(({ key }) => key)));
    if (all === undefined) all = await tracesThatMatch(undefined);
    // To look up many traces has a turn of its own.
    else await dependencies.turns.next();
    return all;
  };

  /** @param among the traces that are looked at; all of them when it is undefined */
  async function tracesThatMatch(among: ReadonlySet<string> | undefined): Promise<ReadonlySet<string>> {
    const matched = new Set<string>();
    for (const plan of plans) {
      const { signal } = plan;
      const left = among?.difference(matched);
      if (left?.size === 0) break;
      const filter = { ...plan.filter, ...(left && { traceIds: left }) };
      const { first: from, next: to } = dependencies.store.range(signal);
      const own = reading.by(plan);
      await walkViews(
        dependencies,
        { signal, filter, from, to, order: "oldest", abort },
        ({ item, ordinal }) => {
          const traceId = traceIdOf(item);
          if (matched.has(traceId) || left?.has(traceId) === false) return true;
          const span = own.read(ordinal);
          if (span !== undefined && own.matches(span)) {
            matched.add(traceId);
            left?.delete(traceId);
          }
          return left?.size !== 0;
        },
      );
    }
    return matched;
  }
}
