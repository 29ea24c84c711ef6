import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ItemKind, itemSignals } from "../../src/domain/item-kind.ts";
import type { WindowRest } from "../../src/ports/telemetry-store.ts";
import { checkColumns, oddQuestion } from "../support/columns-oracle.ts";
import { oddRequest } from "../support/odd-telemetry.ts";
import { keep, spansOf } from "./store-requests.ts";
import type { MakeStore, StoreLimits } from "./telemetry-store.contract.ts";

const kinds = ["spans", "logs", "metrics"] as const satisfies readonly ItemKind[];

/** The part of the contract about `columns`. */
export function describeColumns(makeStore: MakeStore, roomy: StoreLimits): void {
  describe("columns", () => {
    for (const kind of kinds) {
      it(`a store's columns tell of ${kind} what decoding tells, or leave it to decoding`, () => {
        for (let seed = 1; seed <= 40; seed++) {
          const store = makeStore(roomy);
          const signal = itemSignals[kind];
          for (let i = 0; i < 5; i++) keep(store, signal, oddRequest(signal, seed * 100 + i));
          checkColumns(store, kind, oddQuestion(kind, seed), `seed ${seed}`);
        }
      });
    }

    it("a store's columns are of the items in the window, clipped to what is held", () => {
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
