import assert from "node:assert/strict";
import { type GroupBy, groupFields } from "../../src/domain/grouping.ts";
import { type ItemKind, type ItemOf, itemSignals } from "../../src/domain/item-kind.ts";
import type { TelemetryStore } from "../../src/ports/telemetry-store.ts";
import { attributeText } from "../../src/use-cases/filter/attribute-match.ts";
import { groupedValue } from "../../src/use-cases/filter/group-value.ts";
import { planOf } from "../../src/use-cases/filter/item-plan.ts";
import { oddFilter, oddKeys } from "./odd-telemetry.ts";
import { createRandom } from "./random.ts";

/** Groupings and a filter for items of one kind. */
export function oddQuestion(kind: ItemKind, seed: number): { groupBy: GroupBy[]; filter: object } {
  const random = createRandom(seed);
  const groupBy: GroupBy[] = [
    ...groupFields[kind].map((field) => ({ field })),
    ...oddKeys.map((attribute) => ({ attribute })),
  ]
    .filter(() => random.below(4) === 0)
    .slice(0, 4);
  return { groupBy, filter: oddFilter(itemSignals[kind], seed) };
}

/**
 * Checks that the columns of all that a store holds tell what decoding tells, or leave it to decoding.
 * @param what for messages
 * @returns how many items the columns decide
 */
export function checkColumns(
  store: TelemetryStore,
  kind: ItemKind,
  { groupBy, filter }: ReturnType<typeof oddQuestion>,
  what: string,
): number {
  const signal = itemSignals[kind];
  const plan = planOf(kind, filter as never);
  const matching: number[] = [];
  const { first, next } = store.range(signal);
  const undecided = new Set<number>();
  const decided = new Map<number, { time: bigint; endTime: bigint; status: number; values: unknown[] }>();
  for (let from = first; from < next; ) {
    const columns = store.columns(signal, plan.filter, { from, to: next }, groupBy);
    for (const ordinal of columns.undecided) undecided.add(ordinal);
    for (const [i, offset] of columns.offsets.entries()) {
      decided.set(columns.base + offset, {
        time: columns.times[i]!,
        endTime: columns.endTimes[i]!,
        status: columns.statuses[i]!,
        values: columns.groupValues[columns.groups[i]!]!.map(shown),
      });
    }
    from = columns.rest.from < columns.rest.to ? columns.rest.from : next;
  }
  for (let ordinal = first; ordinal < next; ordinal++) {
    const item = plan.decode(store.read(signal, ordinal)!) as ItemOf<ItemKind>;
    const isMatch = plan.matches?.(item as never) !== false;
    if (isMatch) matching.push(ordinal);
    const row = decided.get(ordinal);
    if (row === undefined) continue;
    assert.ok(isMatch, `${what}: ordinal ${ordinal} is decided and does not match`);
    assert.equal(row.time, plan.timeOf(item as never), what);
    if ("endUnixNano" in item) {
      assert.equal(row.endTime, item.endUnixNano, what);
      const { code } = item.status;
      assert.equal(row.status, code < 0 || code > 255 ? 255 : code, what);
    }
    assert.deepEqual(
      row.values,
      groupBy.map((by) => shown(groupedValue(item, by))),
      what,
    );
  }
  for (const ordinal of matching) assert.ok(decided.has(ordinal) !== undecided.has(ordinal), what);
  return decided.size;
}

/** A text of more than 2 KiB may be cut. */
function shown(value: ReturnType<typeof groupedValue>): string | undefined {
  return value === undefined ? undefined : attributeText(value).slice(0, 2_000);
}
