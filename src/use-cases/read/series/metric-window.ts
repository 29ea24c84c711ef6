import { isKnownTime } from "../../../domain/time.ts";
import { type ItemPlan, planOf } from "../../filter/item-plan.ts";
import { windowOfItems } from "../figures/items-window.ts";
import type { TimeWindow } from "../figures/time-range.ts";
import { ItemReading } from "../item-reading.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { walkOrdinals } from "../walk.ts";

/** A window that the filter leaves open begins with the start of a data point, when that is so shortly before it. */
const maxFirstNano = 120_000_000_000n;

/** The window that the filter asks for, from the first to the last data point where it leaves that open. */
export async function metricWindow(
  dependencies: ReadDependencies,
  plan: ItemPlan<"metrics">,
  to: number,
  abort: AbortSignal | undefined,
): Promise<TimeWindow | undefined> {
  const { filter, signal } = plan;
  const window = await windowOfItems(dependencies, plan, to, abort);
  if (window === undefined || filter.sinceUnixNano !== undefined) return window;
  // The first data points count from their start, which the window should have in it.
  let { startUnixNano } = window;
  const first = planOf("metrics", {
    ...filter,
    untilUnixNano: minimum(startUnixNano + maxFirstNano, filter.untilUnixNano),
  });
  const reading = new ItemReading(dependencies, first);
  const { first: from } = dependencies.store.range(signal);
  await walkOrdinals(
    dependencies,
    { signal, filter: first.filter, from, to, order: "oldest", abort },
    (ordinal) => {
      const point = reading.read(ordinal);
      if (point === undefined || !reading.matches(point) || !isKnownTime(point.startUnixNano)) return true;
      const isShort = point.timeUnixNano - point.startUnixNano <= maxFirstNano;
      if (isShort && point.startUnixNano < startUnixNano) startUnixNano = point.startUnixNano;
      return true;
    },
  );
  return { ...window, startUnixNano };
}

function minimum(a: bigint, b: bigint | undefined): bigint {
  return b === undefined || a < b ? a : b;
}
