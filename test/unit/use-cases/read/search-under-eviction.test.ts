import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { keep, logsOf, metricsOf, spansOf } from "../../../contract/store-requests.ts";
import { buildReader, ordinals, range } from "../../../support/reader.ts";

describe("a search while items arrive and are evicted", () => {
  it("a search leaves the event loop free between two steps", async () => {
    const { reader, store } = buildReader({ maxItems: 2_000, pace: { maxItems: 100 } });
    keep(store, "logs", logsOf(1_000));
    let isSearching = true;
    let turns = 0;
    const countTurn = () => {
      if (isSearching) {
        turns += 1;
        setImmediate(countTurn);
      }
    };
    setImmediate(countTurn);
    await reader.search("logs", { filter: { bodyContains: "nowhere" } });
    isSearching = false;
    assert.ok(turns >= 9, `${turns} turns of the event loop`);
  });

  it("a search counts items that are evicted before their turn as missed, and answers each other item once", async () => {
    const { reader, store } = buildReader({ maxItems: 100, pace: { maxItems: 10 } });
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(100));
    const searching = reader.search("spans", { after, limit: 10_000 });
    await nextTurn();
    // The first step, of 10 items, is over; these evict 0 to 29 and lie beyond the search.
    keep(store, "traces", spansOf(30));
    const result = await searching;
    assert.deepEqual(ordinals(result), [...range(0, 10), ...range(30, 100)]);
    assert.equal(result.missed, 20);
    assert.deepEqual(ordinals(await reader.search("spans", { after: result.cursor })), range(100, 130));
  });

  it("a search from the newest item answers the items that are still held", async () => {
    const { reader, store } = buildReader({ maxItems: 100, pace: { maxItems: 10 } });
    keep(store, "traces", spansOf(100));
    const searching = reader.search("spans", { limit: 10_000 });
    keep(store, "traces", spansOf(30));
    const result = await searching;
    assert.deepEqual([ordinals(result), result.missed], [range(30, 100), 0]);
    assert.deepEqual(ordinals(await reader.search("spans", { after: result.cursor })), range(100, 130));
  });

  it("a search ends when all items of its range have been evicted", async () => {
    for (const latest of [false, true]) {
      const { reader, store } = buildReader({ maxItems: 50, pace: { maxItems: 10 } });
      const after = reader.newestCursor();
      keep(store, "metrics", metricsOf(50));
      const searching = reader.search("metrics", { after, latest });
      await nextTurn();
      for (let i = 0; i < 3; i++) keep(store, "metrics", metricsOf(50));
      const result = await searching;
      // Of each series no more than the ordinal is held until it can be answered.
      assert.deepEqual([result.items.length, result.missed], latest ? [0, 50] : [10, 40]);
    }
  });

  it("a search ends without missed items when all items are cleared meanwhile", async () => {
    const { reader, store } = buildReader({ pace: { maxItems: 10 } });
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(50));
    const searching = reader.search("spans", { after });
    await nextTurn();
    reader.clear();
    const result = await searching;
    assert.deepEqual([result.items.length, result.missed], [10, 0]);
  });

  it("a search stops when its call is aborted", async () => {
    const { reader, store } = buildReader({ pace: { maxItems: 10 } });
    keep(store, "traces", spansOf(100));
    const controller = new AbortController();
    const reason = new Error("gone");
    const searching = reader.search("spans", {
      filter: { attributes: new Map([["tag", "none"]]) },
      abort: controller.signal,
    });
    controller.abort(reason);
    await assert.rejects(searching, reason);
  });

  it("a search goes on where the store stopped looking", async () => {
    const { reader, store } = buildReader({ maxRows: 3 });
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(20));
    assert.deepEqual(ordinals(await reader.search("spans", { filter: { name: "span 17" } })), [17]);
    assert.deepEqual(ordinals(await reader.search("spans", { after, filter: { name: "span 17" } })), [17]);
  });
});
