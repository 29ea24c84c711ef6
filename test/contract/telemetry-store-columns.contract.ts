import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type GroupBy, groupFields } from "../../src/domain/grouping.ts";
import { type ItemKind, itemSignals } from "../../src/domain/item-kind.ts";
import type { WindowRest } from "../../src/ports/telemetry-store.ts";
import { attributeText } from "../../src/use-cases/filter/attribute-match.ts";
import { groupedValue } from "../../src/use-cases/filter/group-value.ts";
import { planOf } from "../../src/use-cases/filter/item-plan.ts";
import { oddFilter, oddKeys, oddRequest } from "../support/odd-telemetry.ts";
import { createRandom } from "../support/random.ts";
import { keep, spansOf } from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

const kinds = ["spans", "logs", "metrics"] as const satisfies readonly ItemKind[];

/** The part of the contract about `columns`. */
export function describeColumns(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("columns", () => {
    for (const kind of kinds) {
      it(`tell of ${kind} what decoding tells, or leave it to decoding`, () => {
        for (let seed = 1; seed <= 40; seed++) compare(makeStore(roomy), kind, seed);
      });
    }

    it("are of the items in the window, clipped to what is held", () => {
      const store = makeStore({ ...roomy, maxItems: 10 });
      keep(store, "traces", spansOf(8));
      keep(store, "traces", spansOf(8));
      for (const [from, to, expected] of [
        [0, 100, [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]],
        [9, 12, [9, 10, 11]],
        [0, 7, [6]],
        [0, 6, []],
        [16, 100, []],
        [12, 9, []],
      ] as const) {
        const looked: number[] = [];
        for (let rest: WindowRest = { from, to }; ; ) {
          const columns = store.columns("traces", {}, rest, []);
          looked.push(
            ...Array.from(columns.offsets, (offset) => columns.base + offset),
            ...columns.undecided,
          );
          rest = columns.rest;
          if (rest.from >= rest.to) break;
        }
        assert.deepEqual(looked, expected);
      }
    });
  });
}

function compare(store: ReturnType<MakeStore>, kind: (typeof kinds)[number], seed: number): void {
  const random = createRandom(seed);
  const signal = itemSignals[kind];
  for (let i = 0; i < 5; i++) keep(store, signal, oddRequest(signal, seed * 100 + i));
  const groupBy: GroupBy[] = [
    ...groupFields[kind].map((field) => ({ field })),
    ...oddKeys.map((attribute) => ({ attribute })),
  ]
    .filter(() => random.below(4) === 0)
    .slice(0, 4);
  const plan = planOf(kind, oddFilter(signal, seed));
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
    const item = plan.decode(store.read(signal, ordinal)!);
    const isMatch = plan.matches?.(item as never) !== false;
    if (isMatch) matching.push(ordinal);
    const row = decided.get(ordinal);
    if (row === undefined) continue;
    const what = `seed ${seed}, ordinal ${ordinal}`;
    assert.ok(isMatch, `${what} is decided and does not match`);
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
  for (const ordinal of matching) assert.ok(decided.has(ordinal) !== undecided.has(ordinal), `seed ${seed}`);
}

/** A text of more than 2 KiB may be cut. */
function shown(value: ReturnType<typeof groupedValue>): string | undefined {
  return value === undefined ? undefined : attributeText(value).slice(0, 2_000);
}
