import type { ItemKind } from "../../../domain/item-kind.ts";
import type { ItemPlan } from "../../filter/item-plan.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { TimeRange, type TimeWindow } from "./time-range.ts";
import { walkColumns } from "./walk-columns.ts";

/**
 * The window that a filter asks for, as `TimeRange.windowOf` tells. Only where the filter leaves it open are the times of
 * the items looked at.
 * @param to the ordinal before which items are looked at
 */
export async function windowOfItems<Kind extends ItemKind>(
  dependencies: ReadDependencies,
  plan: ItemPlan<Kind>,
  to: number,
  abort: AbortSignal | undefined,
): Promise<TimeWindow | undefined> {
  const { filter, timeOf } = plan;
  const times = new TimeRange();
  if (filter.sinceUnixNano === undefined || filter.untilUnixNano === undefined) {
    await walkColumns(dependencies, {
      plan,
      to,
      groupBy: [],
      abort,
      onColumns: (columns) => times.addAll(columns.times),
      onItem: (item) => times.add(timeOf(item)),
    });
  }
  return times.windowOf(filter, dependencies.nowUnixNano());
}
