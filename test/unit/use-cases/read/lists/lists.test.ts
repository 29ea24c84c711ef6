import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { itemSignals } from "../../../../../src/domain/item-kind.ts";
import { attributeText } from "../../../../../src/use-cases/filter/attribute-match.ts";
import { planOf } from "../../../../../src/use-cases/filter/item-plan.ts";
import { seriesKeys } from "../../../../../src/use-cases/filter/series-key.ts";
import { shortName } from "../../../../../src/use-cases/read/short-name.ts";
import { metricsOf, spansWith } from "../../../../contract/store-requests.ts";
import { oddFilter, oddRequest } from "../../../../support/odd-telemetry.ts";
import { makeAttributes } from "../../../../support/otlp-attributes.ts";
import { buildReader, withTag } from "../../../../support/reader.ts";

interface Uses {
  count: number;
  /** 0 for an attribute of items, 1 of scopes alone, 2 of resources alone. */
  place: number;
  readonly values: Map<string, number>;
}

describe("ListAttributes", () => {
  for (const kind of ["spans", "logs", "metrics"] as const) {
    test(`ListAttributes of ${kind} answers what counting by hand does`, async () => {
      for (let seed = 1; seed <= 20; seed++) {
        const signal = itemSignals[kind];
        const { reader, store, send } = buildReader({ maxRows: 9 });
        for (let i = 0; i < 4; i++) send(signal, oddRequest(signal, seed * 50 + i, 15));
        const filter = oddFilter(signal, seed);
        const plan = planOf(kind, filter as never);
        const items = Array.from({ length: store.range(signal).next }, (_, i) =>
          plan.decode(store.read(signal, i)!),
        ).filter((item) => plan.matches?.(item as never) !== false);
        const answer = await reader.attributes(kind, {
          filter,
          values: 100,
          limit: 10_000,
          prefix: seed % 2 ? "" : "s",
        });
        const keys = new Map<string, Uses>();
        for (const { attributes, scope, resource } of items) {
          const holders = [attributes, scope.attributes, resource];
          for (const key of new Set(holders.flatMap((holder) => Object.keys(holder)))) {
            if (seed % 2 === 0 && !key.startsWith("s")) continue;
            const of = keys.get(key) ?? { count: 0, place: 2, values: new Map<string, number>() };
            keys.set(key, of);
            of.count += 1;
            of.place = Math.min(
              of.place,
              holders.findIndex((holder) => key in holder),
            );
            for (const holder of holders) {
              if (!(key in holder)) continue;
              const text = shortName(attributeText(holder[key]!));
              of.values.set(text, (of.values.get(text) ?? 0) + 1);
            }
          }
        }
        const byCount =
          <Value>(of: (value: Value) => number) =>
          (a: readonly [string, Value], b: readonly [string, Value]) =>
            of(b[1]) - of(a[1]) || (a[0] < b[0] ? -1 : 1);
        const expected = [...keys]
          .sort((a, b) => a[1].place - b[1].place || byCount<Uses>(({ count }) => count)(a, b))
          .map(([key, { count, values }]) => ({
            key,
            count,
            values: [...values]
              .sort(byCount((times) => times))
              .slice(0, 100)
              .map(([value, times]) => ({ value, count: times })),
            distinct: values.size,
          }));
        assert.deepEqual(answer.attributes, expected, `${kind}, seed ${seed}`);
        assert.deepEqual([answer.lookedAt, answer.isWhole, answer.leftOut], [items.length, true, 0]);
      }
    });
  }

  test("ListAttributes looks at the newest items, and counts what it leaves out", async () => {
    const { reader, send } = buildReader();
    send("traces", spansWith(...withTag("old", 5, () => true), ...withTag("new", 5, () => true)));
    const newest = await reader.attributes("spans", { prefix: "tag", maxItems: 6 });
    assert.deepEqual(newest.attributes[0]?.values, [
      { value: "new", count: 5 },
      { value: "old", count: 1 },
    ]);
    assert.deepEqual([newest.lookedAt, newest.isWhole], [6, false]);
    const all = await reader.attributes("spans", {});
    const few = await reader.attributes("spans", { limit: 2, values: 1, maxItems: 10 });
    assert.deepEqual([few.attributes.length, few.leftOut, few.isWhole], [2, all.attributes.length - 2, true]);
    assert.ok(few.attributes.every(({ values }) => values.length === 1));
  });

  test("ListAttributes tells attributes of items before those of resources, and what SDKs say of themselves last", async () => {
    const { reader, send } = buildReader();
    const request = spansWith({ attributes: makeAttributes({ "z.id": 1 }) }, {});
    request.resourceSpans[0]!.resource!.attributes.push(
      ...makeAttributes({ "a.host": "y", "telemetry.sdk.name": "x" }),
    );
    send("traces", request);
    const { attributes } = await reader.attributes("spans", {});
    const keys = attributes.map(({ key }) => key);
    assert.ok(keys.includes("z.id"));
    assert.deepEqual(keys.slice(-3), ["a.host", "service.name", "telemetry.sdk.name"]);
  });

  test("ListAttributes tells at most a thousand values of a key apart", async () => {
    const { reader, send } = buildReader({ maxItems: 2_000 });
    const spans = Array.from({ length: 1_200 }, (_, i) => ({ attributes: makeAttributes({ id: i }) }));
    send("traces", spansWith(...spans));
    const { attributes } = await reader.attributes("spans", { prefix: "id" });
    assert.deepEqual([attributes[0]?.count, attributes[0]?.distinct], [1_200, 1_000]);
  });

  test("ListAttributes refuses more values or items than there may be", async () => {
    const { reader } = buildReader();
    await assert.rejects(
      reader.attributes("logs", { values: 101 }),
      /^ObsvtyError: values: must be a whole number from 1 to 100$/,
    );
    await assert.rejects(
      reader.attributes("logs", { maxItems: 1_000_001 }),
      /^ObsvtyError: max_items: must be/,
    );
  });
});

describe("ListMetrics", () => {
  test("ListMetrics answers what counting by hand does", async () => {
    const { reader, store, send } = buildReader({ maxRows: 9 });
    send("metrics", metricsOf(40, { serviceName: "shop" }));
    send("metrics", metricsOf(10, { serviceName: "cart", seed: 2 }));
    for (let seed = 1; seed <= 5; seed++) send("metrics", oddRequest("metrics", seed, 20));
    for (const filter of [{}, { service: "shop" }, { type: "sum" as const }, { name: "nothing" }]) {
      const plan = planOf("metrics", filter);
      const points = Array.from({ length: store.range("metrics").next }, (_, i) =>
        plan.decode(store.read("metrics", i)!),
      ).filter((point) => plan.matches?.(point) !== false);
      const names = [
        ...new Set(points.map(({ name, type, unit }) => JSON.stringify([shortName(name), type, unit]))),
      ].sort();
      const { metrics, leftOut } = await reader.metrics({ filter });
      assert.equal(leftOut, 0);
      assert.deepEqual(
        metrics,
        names.map((key) => {
          const own = points.filter(
            ({ name, type, unit }) => JSON.stringify([shortName(name), type, unit]) === key,
          );
          const [name, type, unit] = JSON.parse(key);
          return {
            name,
            type,
            unit,
            description: own.at(-1)!.description,
            services: [
              ...new Set(own.map(({ service }) => service).filter((service) => service !== "")),
            ].sort(),
            points: own.length,
            series: new Set(own.map(seriesKeys())).size,
            newestUnixNano: own
              .map(({ timeUnixNano }) => timeUnixNano)
              .sort((a, b) => (a < b ? -1 : 1))
              .at(-1),
          };
        }),
      );
    }
    const few = await reader.metrics({ limit: 2 });
    const all = await reader.metrics({});
    assert.deepEqual([few.metrics.length, few.leftOut], [2, all.metrics.length - 2]);
  });
});
