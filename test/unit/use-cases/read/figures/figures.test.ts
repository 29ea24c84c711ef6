import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RingStore } from "../../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { type GroupBy, groupFields } from "../../../../../src/domain/grouping.ts";
import { type ItemKind, itemSignals } from "../../../../../src/domain/item-kind.ts";
import type { Span } from "../../../../../src/domain/telemetry.ts";
import { attributeText } from "../../../../../src/use-cases/filter/attribute-match.ts";
import { groupedValue } from "../../../../../src/use-cases/filter/group-value.ts";
import { planOf } from "../../../../../src/use-cases/filter/item-plan.ts";
import { shortName } from "../../../../../src/use-cases/read/short-name.ts";
import { FakeStore } from "../../../../support/fake-store.ts";
import { oddFilter, oddKeys, oddRequest } from "../../../../support/odd-telemetry.ts";
import { createRandom } from "../../../../support/random.ts";
import { buildReader } from "../../../../support/reader.ts";

const roomy = { maxItems: 1_000, maxBytes: 2 ** 24, maxRequestBytes: 2 ** 22 };
const now = 1_795_430_000_000_000_000n;

const stores = {
  "with the ring buffer": () => new RingStore(roomy),
  "with a store that leaves all to decoding": () => new FakeStore(roomy, 7),
};

for (const [how, makeStore] of Object.entries(stores)) {
  describe(`figures ${how}`, () => {
    test(`SummarizeSpans answers what counting by hand does, ${how}`, async () => {
      for (let seed = 1; seed <= 60; seed++) {
        const { reader, filter, groupBy, items } = fill(makeStore, "spans", seed);
        const answer = await reader.summarizeSpans({ filter, groupBy, limit: 10_000 });
        const expected = groupsOf(items, groupBy);
        const what = `seed ${seed}`;
        assert.equal(answer.matched, items.length, what);
        assert.deepEqual(answer.leftOut, { groups: 0, items: 0 }, what);
        assert.deepEqual(
          answer.groups.map(({ values, count }) => ({ values, count })),
          expected.map(({ values, items }) => ({ values, count: items.length })),
          what,
        );
        const window = windowOf(
          filter,
          items.map(({ startUnixNano }) => startUnixNano),
        );
        assert.deepEqual(answer.window, window, what);
        for (const [i, { items: spans }] of expected.entries()) {
          checkGroup(answer.groups[i]!, spans, window, `${what}, group ${i}`);
        }
      }
    });

    for (const kind of ["spans", "logs", "metrics"] as const) {
      test(`CountOverTime of ${kind} answers what counting by hand does, ${how}`, async () => {
        for (let seed = 1; seed <= 40; seed++) {
          const { reader, filter, groupBy, items, timeOf } = fill(makeStore, kind, seed);
          const buckets = 1 + (seed % 50);
          const answer = await reader.countOverTime(kind, { filter, groupBy, buckets, limit: 10_000 });
          const what = `${kind}, seed ${seed}`;
          const times = items.map(timeOf);
          const window = windowOf(filter, times);
          assert.equal(answer.matched, items.length, what);
          assert.equal(answer.untimed, times.filter((time) => time === 0n).length, what);
          assert.equal(answer.steps === undefined, window === undefined, what);
          const {
            startUnixNano: start,
            stepNano: step,
            count,
          } = answer.steps ?? { startUnixNano: 0n, stepNano: 1n, count: 0 };
          assert.ok(count <= buckets && start % step === 0n, what);
          if (window !== undefined) {
            assert.ok(start <= window.startUnixNano && window.startUnixNano < start + step, what);
            assert.ok(start + step * BigInt(count) >= window.endUnixNano, what);
          }
          assert.deepEqual(
            answer.groups.map(({ values, count, counts }) => ({ values, count, counts: [...counts] })),
            groupsOf(items, groupBy).map(({ values, items }) => ({
              values,
              count: items.length,
              counts: Array.from({ length: count }, (_, i) => {
                const [from, to] = [start + step * BigInt(i), start + step * BigInt(i + 1)];
                return items.filter(
                  (item) => timeOf(item) !== 0n && timeOf(item) >= from && timeOf(item) < to,
                ).length;
              }),
            })),
            what,
          );
        }
      });
    }

    test(`SummarizeSpans and CountOverTime count what their answers leave out, ${how}`, async () => {
      const { reader, items, groupBy } = fill(makeStore, "spans", 3, [
        { field: "name" },
        { attribute: "size" },
      ]);
      const all = groupsOf(items, groupBy);
      const left = all.slice(3);
      const leftOut = { groups: left.length, items: left.reduce((sum, { items }) => sum + items.length, 0) };
      assert.ok(left.length > 3);
      const byLimit = await reader.summarizeSpans({ groupBy, limit: 3 });
      assert.deepEqual([byLimit.groups.length, byLimit.leftOut], [3, leftOut]);
      const byBytes = await reader.summarizeSpans({ groupBy, maxBytes: 3 });
      assert.deepEqual([byBytes.groups.length, byBytes.leftOut], [3, leftOut]);
      const overTime = await reader.countOverTime("spans", { groupBy, limit: 3 });
      assert.deepEqual([overTime.groups.length, overTime.leftOut], [3, leftOut]);
    });
  });
}

test("a limit or a number of buckets that is not allowed is refused by name", async () => {
  const { reader } = buildReader();
  await assert.rejects(
    reader.summarizeSpans({ limit: 10_001 }),
    /^ObsvtyError: limit: must be a whole number from 1 to 10000$/,
  );
  await assert.rejects(
    reader.countOverTime("logs", { buckets: 501 }),
    /^ObsvtyError: buckets: must be a whole number from 1 to 500$/,
  );
});

test("figures stop with the reason of the abort, and go on when items are evicted meanwhile", async () => {
  const { reader, send } = buildReader({ maxItems: 50, maxRows: 5, pace: { maxMs: 0 } });
  send("traces", oddRequest("traces", 1, 50));
  const gone = new AbortController();
  const stopped = reader.summarizeSpans({ abort: gone.signal });
  gone.abort(new Error("the caller left"));
  await assert.rejects(stopped, /the caller left/);
  const counting = reader.summarizeSpans({});
  await new Promise((resolve) => setImmediate(resolve));
  send("traces", oddRequest("traces", 2, 30));
  const { matched } = await counting;
  assert.ok(matched >= 20 && matched <= 50, String(matched));
});

function fill<Kind extends ItemKind>(
  makeStore: (typeof stores)[keyof typeof stores],
  kind: Kind,
  seed: number,
  by?: readonly GroupBy[],
) {
  const random = createRandom(seed);
  const signal = itemSignals[kind];
  const { reader, store, send } = buildReader({
    store: makeStore(),
    nowUnixNano: () => now,
    pace: { maxMs: 0.2 },
  });
  for (let i = 0; i < 6; i++) send(signal, oddRequest(signal, seed * 50 + i, 15));
  const filter = by === undefined ? oddFilter(signal, seed) : {};
  const groupBy =
    by ??
    [
      ...groupFields[kind].map((field): GroupBy => ({ field })),
      ...oddKeys.map((attribute): GroupBy => ({ attribute })),
    ]
      .filter(() => random.below(4) === 0)
      .slice(0, 4);
  const { decode, matches, timeOf } = planOf(kind, filter as never);
  const { first, next } = store.range(signal);
  const items = Array.from({ length: next - first }, (_, i) => decode(store.read(signal, first + i)!)).filter(
    (item) => matches?.(item) !== false,
  );
  return { reader, filter, groupBy, items, timeOf };
}

interface ByHand<Item> {
  readonly values: readonly (string | number)[];
  readonly items: Item[];
}

function groupsOf<Item extends Parameters<typeof groupedValue>[0]>(
  items: readonly Item[],
  groupBy: readonly GroupBy[],
): ByHand<Item>[] {
  const groups = new Map<string, ByHand<Item>>();
  for (const item of items) {
    const values = groupBy.map((by) => {
      const value = groupedValue(item, by);
      if (value === undefined) return "";
      return "field" in by && typeof value === "number" ? value : shortName(attributeText(value));
    });
    const group = groups.get(JSON.stringify(values)) ?? { values, items: [] };
    group.items.push(item);
    groups.set(JSON.stringify(values), group);
  }
  const order = (a: ByHand<Item>, b: ByHand<Item>) => {
    const i = a.values.findIndex((value, at) => value !== b.values[at]);
    return b.items.length - a.items.length || (a.values[i]! < b.values[i]! ? -1 : 1);
  };
  return [...groups.values()].sort(order);
}

function windowOf(
  { sinceUnixNano, untilUnixNano }: { sinceUnixNano?: bigint; untilUnixNano?: bigint },
  times: readonly bigint[],
) {
  const known = times.filter((time) => time !== 0n).sort((a, b) => (a < b ? -1 : 1));
  const last = known.length === 0 ? undefined : known.at(-1)! + 1n;
  const later = last !== undefined && last > now ? last : now;
  const start = sinceUnixNano === -1n ? 0n : (sinceUnixNano ?? known[0]);
  const end = untilUnixNano ?? (sinceUnixNano === undefined ? last : later);
  if (start === undefined || end === undefined || start >= end) return undefined;
  return { startUnixNano: start, endUnixNano: end };
}

type Summary = Awaited<
  ReturnType<ReturnType<typeof buildReader>["reader"]["summarizeSpans"]>
>["groups"][number];

function checkGroup(
  group: Summary,
  spans: readonly Span[],
  window: ReturnType<typeof windowOf>,
  what: string,
): void {
  const failed = spans.filter(({ status }) => status.code === 2);
  assert.equal(group.errorCount, failed.length, what);
  assert.equal(group.ordinal, Math.max(...spans.map(({ ordinal }) => ordinal)), what);
  assert.equal(group.newestErrorTraceId, failed.at(-1)?.traceId ?? "", what);
  const seconds = window && Number(window.endUnixNano - window.startUnixNano) / 1e9;
  const hasRate = seconds !== undefined && seconds > 1e-9;
  assert.equal(group.rate !== undefined, hasRate, what);
  if (hasRate) assert.ok(Math.abs(group.rate! * seconds - spans.length) < 1e-6 * spans.length, what);
  const timed = spans.filter(({ startUnixNano, endUnixNano }) => startUnixNano !== 0n && endUnixNano !== 0n);
  const tookOf = ({ startUnixNano, endUnixNano }: Span) => Math.max(0, Number(endUnixNano - startUnixNano));
  const took = timed.map(tookOf).sort((a, b) => a - b);
  assert.equal(group.durations === undefined, took.length === 0, what);
  if (group.durations === undefined) return;
  assert.equal(group.durations.max, took.at(-1), what);
  assert.equal(group.slowestTraceId, timed.findLast((span) => tookOf(span) === took.at(-1))?.traceId, what);
  for (const percent of [50, 90, 95, 99] as const) {
    const exact = took[Math.max(1, Math.ceil((percent / 100) * took.length)) - 1]!;
    const shown: number = group.durations[`p${percent}`];
    assert.ok(Math.abs(shown - exact) <= exact * 0.02, `${what}: p${percent} is ${shown}, not ${exact}`);
  }
}
