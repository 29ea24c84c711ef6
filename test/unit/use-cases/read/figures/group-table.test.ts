import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span } from "../../../../../src/domain/telemetry.ts";
import { EventLoopTurns } from "../../../../../src/use-cases/event-loop-turns.ts";
import { GroupTable } from "../../../../../src/use-cases/read/figures/group-table.ts";
import { createRandom } from "../../../../support/random.ts";

const dependencies = { pace: { maxItems: 500, maxMs: 5 }, turns: new EventLoopTurns() };

test("a table of too many groups gives up the smaller half, and of those with as many items the later ones", async () => {
  const random = createRandom(3);
  for (const most of [1, 3, 50]) {
    const table = new GroupTable([{ field: "name" }], 20, () => ({ count: 0 }));
    const counts = Array.from({ length: 31 }, () => random.below(most));
    for (const [i, count] of counts.entries()) table.ofItem({ name: `${i}` } as Span).count = count;
    table.prune();
    const bySize = counts.map((count, i) => ({ count, i })).sort((a, b) => b.count - a.count);
    const { groups, leftOut } = await table.largest(dependencies, 100, undefined);
    const names = (all: readonly (string | number)[]) => all.map(String).sort();
    assert.deepEqual(
      names(groups.map(({ values }) => values[0]!)),
      names(bySize.slice(0, 10).map(({ i }) => i)),
    );
    const items = bySize.slice(10).reduce((sum, { count }) => sum + count, 0);
    assert.deepEqual(leftOut, { groups: 21, items });
  }
});

test("a table keeps all groups as long as they are not too many", async () => {
  const table = new GroupTable([{ field: "name" }], 20, () => ({ count: 0 }));
  for (let i = 0; i < 20; i++) table.ofItem({ name: `${i}` } as Span).count = i;
  table.prune();
  assert.equal(table.size, 20);
});
