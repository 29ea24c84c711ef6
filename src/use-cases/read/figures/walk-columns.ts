import type { GroupBy } from "../../../domain/grouping.ts";
import type { ItemKind, ItemOf } from "../../../domain/item-kind.ts";
import type { Columns } from "../../../ports/telemetry-store.ts";
import type { ItemPlan } from "../../filter/item-plan.ts";
import { ItemReading } from "../item-reading.ts";
import type { ReadDependencies } from "../read-dependencies.ts";

export interface ColumnWalk<Kind extends ItemKind> {
  readonly plan: ItemPlan<Kind>;
  /** The ordinal before which items are looked at. @default all that are held now */
  readonly to?: number;
  readonly groupBy: readonly GroupBy[];
  readonly abort: AbortSignal | undefined;
  /** Called with the columns of some items. */
  readonly onColumns: (columns: Columns) => void;
  /** Called with each item that had to be decoded. */
  readonly onItem: (item: ItemOf<Kind>) => void;
  /** Called at the end of each step. */
  readonly onStep?: () => void;
}

/** How much there was to look at. */
export interface Walked {
  /** The ordinal after the newest item that was looked at. */
  readonly next: number;
  readonly unreadable: number;
}

/**
 * Goes over all items held that match, the oldest first, in short steps between which the store may take in and evict
 * items. Only those items are decoded of which the store's columns do not tell enough.
 */
export async function walkColumns<Kind extends ItemKind>(
  dependencies: ReadDependencies,
  { plan, to, groupBy, abort, onColumns, onItem, onStep }: ColumnWalk<Kind>,
): Promise<Walked> {
  const { store, turns, pace } = dependencies;
  const { signal, filter } = plan;
  const reading = new ItemReading(dependencies, plan);
  let endMs = 0;
  const nextTurn = async () => {
    await turns.next();
    abort?.throwIfAborted();
    endMs = performance.now() + pace.maxMs;
  };
  await nextTurn();
  const { first, next: end } = store.range(signal);
  const next = to ?? end;
  for (let from = first; from < next; ) {
    const columns = store.columns(signal, filter, { from, to: next }, groupBy);
    const { undecided } = columns;
    // A store that went on behind what was evicted meanwhile says so in the rest.
    from = columns.rest.from < columns.rest.to ? columns.rest.from : next;
    onColumns(columns);
    for (const ordinal of undecided) {
      if (performance.now() >= endMs) await nextTurn();
      const item = reading.read(ordinal);
      if (item !== undefined && reading.matches(item)) reading.attempt(ordinal, () => onItem(item));
    }
    onStep?.();
    if (performance.now() >= endMs) await nextTurn();
  }
  return { next, unreadable: reading.unreadable };
}
