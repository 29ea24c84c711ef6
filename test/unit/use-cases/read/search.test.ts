import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { keep, logsOf, metricsOf, requestOf, spansOf, spansWith } from "../../../contract/store-requests.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";
import { buildReader, names, ordinals, withTag } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";

describe("search without a cursor", () => {
  it("a search without a cursor answers the newest matches, the newest last, and nothing missed", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(10));
    const result = await reader.search("spans", { limit: 3 });
    assert.deepEqual(names(result), ["span 7", "span 8", "span 9"]);
    assert.equal(result.missed, 0);
  });

  it("a search answers 100 items unless asked for another number", async () => {
    const { reader, store } = buildReader();
    keep(store, "logs", logsOf(150));
    assert.equal((await reader.search("logs", {})).items.length, 100);
    assert.equal((await reader.search("logs", { limit: 10_000 })).items.length, 150);
    for (const limit of [0, -1, 10_001, 1.5, Number.NaN]) {
      await assert.rejects(
        reader.search("logs", { limit }),
        refusal("limit: must be a whole number from 1 to 10000"),
      );
    }
  });

  it("a search looks further back when items do not match the filter", async () => {
    const { reader, store } = buildReader({ pace: { maxItems: 7 } });
    keep(store, "traces", spansWith(...withTag("rare", 50, (i) => i % 20 === 0)));
    const filter = { attributes: new Map([["tag", "rare"]]) };
    assert.deepEqual(ordinals(await reader.search("spans", { filter, limit: 2 })), [20, 40]);
    assert.deepEqual(ordinals(await reader.search("spans", { filter })), [0, 20, 40]);
  });

  it("a search gives a cursor after which only later items are found, even when the limit cut the answer", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(10));
    const { cursor } = await reader.search("spans", { limit: 3 });
    assert.deepEqual(names(await reader.search("spans", { after: cursor })), []);
    keep(store, "traces", spansOf(2));
    assert.deepEqual(names(await reader.search("spans", { after: cursor })), ["span 0", "span 1"]);
  });

  it("a search of an empty store finds nothing, and its cursor leads to the items that arrive later", async () => {
    const { reader, store } = buildReader();
    const { items, cursor, missed } = await reader.search("metrics", {});
    assert.deepEqual([items, missed], [[], 0]);
    keep(store, "metrics", metricsOf(1));
    assert.equal((await reader.search("metrics", { after: cursor })).items.length, 1);
  });
});

describe("search after a cursor", () => {
  it("a search after a cursor pages through all matches, each once, in order of arrival", async () => {
    const { reader, store } = buildReader({ pace: { maxItems: 4 } });
    const { cursor } = await reader.search("spans", {});
    keep(store, "traces", spansWith(...withTag("odd", 25, (i) => i % 2 === 1)));
    const filter = { attributes: new Map([["tag", "odd"]]) };
    const seen: number[] = [];
    for (let after = cursor; ; ) {
      const page = await reader.search("spans", { filter, after, limit: 5 });
      if (page.items.length === 0) break;
      seen.push(...ordinals(page));
      after = page.cursor;
    }
    assert.deepEqual(seen, [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23]);
  });

  it("a search goes on from the cursor of an item and from the newest cursor", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(5));
    assert.deepEqual(
      ordinals(await reader.search("spans", { after: reader.itemCursor("traces", 2) })),
      [3, 4],
    );
    const now = reader.newestCursor();
    for (const signal of ["traces", "logs", "metrics"] as const) keep(store, signal, requestOf(signal, 1));
    assert.deepEqual(ordinals(await reader.search("spans", { after: now })), [5]);
    assert.deepEqual(ordinals(await reader.search("logs", { after: now })), [0]);
    assert.deepEqual(ordinals(await reader.search("metrics", { after: now })), [0]);
  });

  it("a search says how many items were evicted before they could be read, matching or not", async () => {
    const { reader, store } = buildReader({ maxItems: 10 });
    keep(store, "traces", spansOf(4));
    const after = reader.itemCursor("traces", 1);
    keep(store, "traces", spansOf(14));
    // Held: 8 to 17. After ordinal 1 came 2 to 7, which are gone.
    const result = await reader.search("spans", { after, filter: { name: "span 13" } });
    assert.deepEqual([ordinals(result), result.missed], [[17], 6]);
    assert.equal((await reader.search("spans", { after: result.cursor })).missed, 0);
    assert.equal((await reader.search("spans", { after, limit: 1 })).missed, 6);
  });

  it("cleared items do not count as missed", async () => {
    const { reader, store } = buildReader({ maxItems: 10 });
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(12));
    assert.equal(reader.clear(), 10);
    keep(store, "traces", spansOf(11));
    // 2 evicted, 10 cleared, 1 evicted.
    const result = await reader.search("spans", { after });
    assert.deepEqual([result.items.length, result.missed], [10, 3]);
  });

  it("a search refuses cursors of other signals, of other runs and beyond the newest item", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(1));
    const ofTraces = reader.itemCursor("traces", 0);
    await assert.rejects(
      reader.search("logs", { after: ofTraces }),
      refusal("after: the cursor is not one of logs"),
    );
    await assert.rejects(
      buildReader().reader.search("spans", { after: ofTraces }),
      refusal("after: the cursor is from an earlier run of the server"),
    );
    await assert.rejects(
      reader.search("spans", { after: reader.itemCursor("traces", 1) }),
      refusal("after: the cursor is not of this server"),
    );
    await assert.rejects(reader.search("spans", { after: "" }), refusal("after: not a cursor"));
  });
});

describe("latest of searchMetrics", () => {
  const seriesOf = (result: {
    readonly items: readonly { readonly name: string; readonly ordinal: number }[];
  }) => result.items.map(({ name, ordinal }) => `${ordinal} ${name}`);

  it("latest answers the newest point of each series", async () => {
    const { reader, store } = buildReader();
    for (let i = 0; i < 3; i++) keep(store, "metrics", metricsOf(3));
    assert.deepEqual(seriesOf(await reader.search("metrics", { latest: true })), [
      "6 shop.orders",
      "7 process.cpu.utilization",
      "8 http.server.request.duration",
    ]);
    assert.deepEqual(seriesOf(await reader.search("metrics", { latest: true, limit: 2 })), [
      "7 process.cpu.utilization",
      "8 http.server.request.duration",
    ]);
  });

  it("latest tells series apart by resource, scope, name and attributes, not by the order of attributes", async () => {
    const { reader, store } = buildReader();
    const point = (request: ReturnType<typeof metricsOf>) => {
      const { data } = request.resourceMetrics[0]!.scopeMetrics[0]!.metrics[0]!;
      assert.ok(data.case === "sum");
      return data.value.dataPoints[0]!;
    };
    const reordered = metricsOf(1);
    point(reordered).attributes.reverse();
    reordered.resourceMetrics[0]!.resource!.attributes.reverse();
    const relabelled = metricsOf(1);
    point(relabelled).attributes.push(...makeAttributes({ more: 1 }));
    const withPool = (pool: string) =>
      metricsOf(1, { scope: { name: "http", version: "1.0", attributes: { pool } } });
    const otherSchema = metricsOf(1);
    otherSchema.resourceMetrics[0]!.scopeMetrics[0]!.schemaUrl = "https://opentelemetry.io/schemas/1.30.0";
    for (const request of [
      metricsOf(1),
      reordered,
      relabelled,
      metricsOf(1, { serviceName: "other" }),
      metricsOf(1, { scope: { name: "http", version: "2.0" } }),
      withPool("a"),
      withPool("b"),
      otherSchema,
    ]) {
      keep(store, "metrics", request);
    }
    assert.deepEqual(ordinals(await reader.search("metrics", { latest: true })), [1, 2, 3, 4, 5, 6, 7]);
  });

  it("latest pages through the series that have points after a cursor", async () => {
    const { reader, store } = buildReader({ pace: { maxItems: 2 } });
    keep(store, "metrics", metricsOf(5));
    const after = reader.newestCursor();
    keep(store, "metrics", metricsOf(3));
    keep(store, "metrics", metricsOf(2));
    const first = await reader.search("metrics", { latest: true, after, limit: 2 });
    assert.deepEqual(seriesOf(first), ["7 http.server.request.duration", "8 shop.orders"]);
    const second = await reader.search("metrics", { latest: true, after: first.cursor, limit: 2 });
    assert.deepEqual(seriesOf(second), ["9 process.cpu.utilization"]);
    assert.deepEqual((await reader.search("metrics", { latest: true, after: second.cursor })).items, []);
  });
});

describe("a filter that no item can meet", () => {
  const beyond = 2n ** 64n;
  const filters = [
    { sinceUnixNano: beyond },
    { minDurationNano: beyond },
    { maxDurationNano: -1n },
    { untilUnixNano: -1n },
  ];
  for (const filter of filters) {
    const [field = ""] = Object.keys(filter);
    it(`a search with an impossible ${field} ends and finds nothing`, async () => {
      const store = new RingStore({ maxItems: 100, maxBytes: 2 ** 20, maxRequestBytes: 2 ** 18 });
      const { reader } = buildReader({ store });
      keep(store, "traces", spansOf(10));
      const start = reader.newestCursor();
      keep(store, "traces", spansOf(10));
      const abort = AbortSignal.timeout(10_000);
      for (const way of [{}, { after: start }, { before: start }]) {
        assert.deepEqual((await reader.search("spans", { filter, abort, ...way })).items, []);
        assert.deepEqual((await reader.searchTraces({ filter, abort, ...way })).items, []);
      }
    });
  }
});
