import type { FilterOf, ItemKind } from "../../../domain/item-kind.ts";
import { withinLimits } from "../../../domain/read-limits.ts";
import { isKnownTime } from "../../../domain/time.ts";
import type { Columns } from "../../../ports/telemetry-store.ts";
import { planOf } from "../../filter/item-plan.ts";
import type { Show } from "../answer-page.ts";
import { boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { showInSteps } from "../show-in-steps.ts";
import { GroupTable, type GroupValue, leftOutOf } from "./group-table.ts";
import { windowOfItems } from "./items-window.ts";
import { niceSteps, type Steps } from "./nice-step.ts";
import type { FiguresAnswer, FiguresQuery } from "./summarize-spans.ts";
import { wordsOf } from "./time-range.ts";
import { walkColumns } from "./walk-columns.ts";

export interface HistogramQuery<Filter> extends FiguresQuery<Filter> {
  /** Steps of time, at most. @default `readLimits.buckets` */
  readonly buckets?: number;
}

export interface GroupOverTime {
  readonly values: readonly GroupValue[];
  readonly count: number;
  /** An element for each step of the histogram. */
  readonly counts: Uint32Array;
}

export interface Histogram<Value> extends FiguresAnswer {
  /** Undefined when no item has a time. */
  readonly steps: Steps | undefined;
  /** The largest first. */
  readonly groups: readonly Value[];
  /** Items that match and whose time is not known. They are in no step. */
  readonly untimed: number;
}

/** More groups are not counted at a time. */
const maxGroups = 4_000;

/**
 * Counts items by their time. Where the filter does not say from when to when, the times are looked at before the items
 * are counted.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function countOverTime<Kind extends ItemKind, Value>(
  dependencies: ReadDependencies,
  kind: Kind,
  query: HistogramQuery<FilterOf<Kind>>,
  show: Show<GroupOverTime, Value>,
): Promise<Histogram<Value>> {
  const { filter = {} as FilterOf<Kind>, groupBy = [], share, abort } = query;
  const bounds = boundsOf(query);
  const maxBuckets = withinLimits("buckets", query.buckets);
  const plan = planOf(kind, filter);
  const { signal } = plan;
  // Both walks look at the same items, but for those that are evicted meanwhile.
  const { next: to } = dependencies.store.range(signal);
  const window = await windowOfItems(dependencies, plan, to, abort);
  const steps = window && niceSteps(window.startUnixNano, window.endUnixNano, maxBuckets);
  const length = steps?.count ?? 0;
  const table = new GroupTable(groupBy, maxGroups, () => ({ count: 0, counts: new Uint32Array(length) }));
  const indexOf = steps === undefined ? () => Number.NaN : indexIn(steps);
  let matched = 0;
  let untimed = 0;
  const growTo = share.growingPart();
  const walked = await walkColumns(dependencies, {
    plan,
    to,
    groupBy,
    abort,
    onColumns(columns) {
      matched += columns.offsets.length;
      untimed += addColumns(table, columns, steps);
    },
    onItem(item) {
      matched += 1;
      const unixNano = plan.timeOf(item);
      const figures = table.ofItem(item);
      figures.count += 1;
      if (!isKnownTime(unixNano)) untimed += 1;
      else addAt(figures.counts, indexOf(unixNano));
    },
    onStep() {
      table.prune();
      growTo(table.size * (512 + length * 4));
    },
  });
  const { groups, leftOut } = await table.largest(dependencies, bounds.maxItems, abort);
  const shown = await showInSteps(dependencies, groups, bounds, abort, ({ values, figures }) =>
    show({ values, count: figures.count, counts: figures.counts }),
  );
  return {
    steps,
    groups: shown,
    matched,
    untimed,
    leftOut: leftOutOf(groups.slice(shown.length), leftOut),
    cursor: dependencies.cursors.encode({ [signal]: walked.next }),
    unreadable: walked.unreadable,
  };
}

interface Counted {
  count: number;
  readonly counts: Uint32Array;
}

/** @returns how many items have no time that is known */
function addColumns(table: GroupTable<Counted>, columns: Columns, steps: Steps | undefined): number {
  const figures = table.ofColumns(columns);
  const { offsets, groups } = columns;
  const words = wordsOf(columns.times);
  const { startUnixNano = 0n, stepNano = 1n, count = 0 } = steps ?? {};
  const startLow = Number(startUnixNano & 0xffff_ffffn);
  const startHigh = Number(startUnixNano >> 32n);
  const step = Number(stepNano);
  // Beyond, the nanoseconds since the start are not exact as a number.
  const isExact = stepNano * BigInt(count) <= BigInt(Number.MAX_SAFE_INTEGER);
  let untimed = 0;
  for (let i = 0, word = 0; i < offsets.length; i++, word += 2) {
    const low = words[word] ?? 0;
    const high = words[word + 1] ?? 0;
    const group = figures[groups[i] ?? 0];
    if (group === undefined) continue;
    group.count += 1;
    if (low === 0 && high === 0) untimed += 1;
    else if (isExact) {
      addAt(group.counts, Math.floor(((high - startHigh) * 2 ** 32 + (low - startLow)) / step));
    } else addAt(group.counts, Number(((columns.times[i] ?? 0n) - startUnixNano) / stepNano));
  }
  return untimed;
}

function addAt(counts: Uint32Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

function indexIn({ startUnixNano, stepNano }: Steps): (unixNano: bigint) => number {
  return (unixNano) => Number((unixNano - startUnixNano) / stepNano);
}
