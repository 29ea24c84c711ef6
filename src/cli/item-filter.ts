import type { FlagValues, ItemKind } from "./filter-flags.ts";
import { logFilter, metricFilter, spanFilter } from "./filters.ts";

/** The filter that `Tail` and `WaitFor` take: which list, and which of its items. */
export function itemFilter(kind: ItemKind, flags: FlagValues) {
  const nowMs = Date.now();
  switch (kind) {
    case "spans":
      return { case: kind, value: spanFilter(flags, nowMs) };
    case "logs":
      return { case: kind, value: logFilter(flags, nowMs) };
    case "metrics":
      return { case: kind, value: metricFilter(flags, nowMs) };
  }
}
