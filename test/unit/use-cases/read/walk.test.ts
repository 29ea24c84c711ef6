import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TelemetryStore } from "../../../../src/ports/telemetry-store.ts";
import { EventLoopTurns } from "../../../../src/use-cases/event-loop-turns.ts";
import { walkOrdinals } from "../../../../src/use-cases/read/walk.ts";

/** Counts the turns of the event loop until the test ends. */
function countTurns() {
  const turns = { count: 0, isOver: false };
  const next = () => {
    turns.count += 1;
    if (!turns.isOver) setImmediate(next);
  };
  setImmediate(next);
  return turns;
}

/** Items of which every third one is found. */
function storeOf(next: number, found: () => void) {
  let first = 0;
  const store: Pick<TelemetryStore, "range" | "find"> = {
    range: () => ({ first, next }),
    find: (_signal, _filter, { from, to, order }) => {
      found();
      const ordinals = Array.from({ length: to - from }, (_, i) => from + i).filter((each) => each % 3 === 0);
      return { ordinals, rest: order === "oldest" ? { from: to, to } : { from, to: from } };
    },
  };
  return {
    store: store as TelemetryStore,
    evictTo: (ordinal: number) => {
      first = ordinal;
    },
  };
}

describe("a walk over what is held", () => {
  test("walks that are begun together have a turn of the event loop each", async () => {
    const turns = countTurns();
    const found: number[] = [];
    const { store } = storeOf(9, () => found.push(turns.count));
    const dependencies = { store, pace: { maxItems: 500, maxMs: 60_000 }, turns: new EventLoopTurns() };
    const request = { signal: "traces", from: 0, to: 9, order: "oldest" } as const;
    await Promise.all(Array.from({ length: 5 }, () => walkOrdinals(dependencies, request, () => true)));
    turns.isOver = true;
    assert.deepEqual(found, [1, 2, 3, 4, 5]);
  });

  for (const order of ["oldest", "newest"] as const) {
    test(`a walk does what takes long in turns of the event loop of its own: ${order} first`, async () => {
      const turns = countTurns();
      const seen: number[] = [];
      const { store } = storeOf(9, () => seen.push(turns.count));
      // Everything takes longer than no time.
      const pace = { maxItems: 500, maxMs: 0 };
      const request = { signal: "traces", from: 0, to: 9, order } as const;
      await walkOrdinals({ store, pace, turns: new EventLoopTurns() }, request, () => {
        seen.push(turns.count);
        return seen.length < 3;
      });
      seen.push(turns.count);
      turns.isOver = true;
      assert.ok(new Set(seen).size === seen.length, `turns of each part: ${seen}`);
    });

    test(`a walk waits for a visit that takes longer than its step, and visits nothing twice: ${order} first`, async () => {
      const { store, evictTo } = storeOf(12, () => {});
      const visited: number[] = [];
      const turns = new EventLoopTurns();
      const request = { signal: "traces", from: 0, to: 12, order } as const;
      const lost = await walkOrdinals(
        { store, pace: { maxItems: 500, maxMs: 60_000 }, turns },
        request,
        (ordinal) => {
          visited.push(ordinal);
          if (ordinal !== 3 && ordinal !== 6) return true;
          return turns.next().then(() => {
            if (visited.length > 1) evictTo(5);
            return true;
          });
        },
      );
      assert.deepEqual(visited, order === "oldest" ? [0, 3, 6, 9] : [9, 6]);
      assert.deepEqual(lost, order === "oldest" ? [{ from: 4, to: 5 }] : [{ from: 0, to: 5 }]);
    });

    test(`a walk that is short takes one turn of the event loop: ${order} first`, async () => {
      const turns = countTurns();
      const { store } = storeOf(9, () => {});
      const visited: number[] = [];
      const pace = { maxItems: 500, maxMs: 60_000 };
      const request = { signal: "traces", from: 0, to: 9, order } as const;
      await walkOrdinals({ store, pace, turns: new EventLoopTurns() }, request, (ordinal) => {
        visited.push(ordinal);
        return true;
      });
      turns.isOver = true;
      assert.equal(turns.count, 1);
      assert.deepEqual(visited, order === "oldest" ? [0, 3, 6] : [6, 3, 0]);
    });

    test(`a walk tells what is evicted between finding and visiting as lost, and does not visit it: ${order} first`, async () => {
      let find = () => {};
      const held = storeOf(12, () => find());
      find = () => void setImmediate(() => held.evictTo(5));
      const visited: number[] = [];
      const pace = { maxItems: 500, maxMs: 0 };
      const request = { signal: "traces", from: 0, to: 12, order } as const;
      const lost = await walkOrdinals(
        { store: held.store, pace, turns: new EventLoopTurns() },
        request,
        (ordinal) => {
          visited.push(ordinal);
          return true;
        },
      );
      assert.deepEqual(visited, order === "oldest" ? [6, 9] : [9, 6]);
      assert.deepEqual(lost, [{ from: 0, to: 5 }]);
    });
  }
});
