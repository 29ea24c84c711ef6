import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { keep, logsOf, metricsOf, spansOf, spansWith } from "../../../contract/store-requests.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";
import { buildReader, names, ordinals, range } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";

describe("a wait for items", () => {
  it("a wait is over at once when enough items are held, and answers the first of them", async () => {
    const { reader, store, watchers } = buildReader({ pace: { maxItems: 2 } });
    keep(store, "traces", spansOf(10));
    const result = await reader.waitFor("spans", { minCount: 3, timeoutMs: 0 });
    assert.deepEqual(names(result), ["span 0", "span 1", "span 2"]);
    assert.deepEqual([result.matched, result.missed], [3, 0]);
    assert.equal(result.cursor, reader.itemCursor("traces", 2));
    assert.equal(watchers.count, 0);
  });

  it("a wait is over when the last item of its count arrives", async () => {
    const { reader, send, arrivals } = buildReader();
    send("logs", logsOf(2));
    const waiting = reader.waitFor("logs", { minCount: 4 });
    send("logs", logsOf(1));
    send("metrics", metricsOf(5));
    while (arrivals.waiting("logs") === 0) await new Promise(setImmediate);
    send("logs", logsOf(3));
    assert.deepEqual(ordinals(await waiting), [0, 1, 2, 3]);
  });

  it("a wait counts only items after its cursor when it has one", async () => {
    const { reader, send } = buildReader();
    send("metrics", metricsOf(5));
    const waiting = reader.waitFor("metrics", { filter: { type: "gauge" }, after: reader.newestCursor() });
    send("metrics", metricsOf(5));
    assert.deepEqual(ordinals(await waiting), [6]);
  });

  it("a wait counts items that matched and were evicted meanwhile, but cannot answer them", async () => {
    const { reader, send } = buildReader({ maxItems: 4 });
    send("traces", spansOf(4));
    const waiting = reader.waitFor("spans", { minCount: 6 });
    await new Promise(setImmediate);
    send("traces", spansOf(3));
    const result = await waiting;
    assert.deepEqual([ordinals(result), result.matched, result.missed], [[3, 4, 5], 6, 0]);
  });

  it("a wait answers nothing that was cleared meanwhile, though it has been read", async () => {
    const { reader, send } = buildReader();
    const tail = reader.tail("spans", {})[Symbol.asyncIterator]();
    await tail.next();
    const waiting = reader.waitFor("spans", { filter: { attributes: new Map() }, minCount: 4 });
    await nextTurn();
    const tailed = tail.next();
    send("traces", spansOf(2));
    await tailed;
    await tail.return?.();
    reader.clear();
    send("traces", spansOf(2));
    assert.deepEqual(ordinals(await waiting), [2, 3]);
  });

  it("a wait tells how many items were evicted before it could look at them", async () => {
    const { reader, send } = buildReader({ maxItems: 4 });
    const after = reader.newestCursor();
    send("traces", spansOf(10));
    const result = await reader.waitFor("spans", { after });
    assert.deepEqual([ordinals(result), result.missed], [[6], 6]);
  });

  it("a wait reads a long answer in short steps", async () => {
    const { reader, store } = buildReader({ pace: { maxMs: 0 } });
    keep(store, "traces", spansOf(50));
    assert.deepEqual(ordinals(await reader.waitFor("spans", { minCount: 50 })), range(0, 50));
  });

  it("a wait stops when its call is aborted, and frees its place", async () => {
    const { reader, arrivals, watchers } = buildReader();
    const controller = new AbortController();
    const reason = new Error("gone");
    const waiting = reader.waitFor("spans", { abort: controller.signal });
    await Promise.resolve();
    await Promise.resolve();
    controller.abort(reason);
    assert.equal(watchers.count, 0);
    await assert.rejects(waiting, reason);
    assert.equal(arrivals.waiting("traces"), 0);
  });

  it("a wait is refused when the limit of concurrent calls is reached", async () => {
    const { reader } = buildReader({ maxWatchers: 1 });
    const controller = new AbortController();
    const waiting = reader.waitFor("spans", { abort: controller.signal });
    await assert.rejects(
      reader.waitFor("logs", {}),
      refusal("limit of 1 concurrent Tail, WaitFor and ReadRequests calls reached", "too-many-watchers"),
    );
    controller.abort();
    await assert.rejects(waiting);
  });

  it("a wait with a bad count, time or cursor is refused", async () => {
    const { reader, watchers } = buildReader();
    for (const [query, message] of [
      [{ minCount: 0 }, "min_count: must be a whole number from 1 to 10000"],
      [{ minCount: 10_001 }, "min_count: must be a whole number from 1 to 10000"],
      [{ timeoutMs: 3_600_001 }, "timeout: must be from 0s to 3600s"],
      [{ timeoutMs: Number.NaN }, "timeout: must be from 0s to 3600s"],
      [{ after: "!" }, "after: not a cursor"],
    ] as const) {
      await assert.rejects(reader.waitFor("spans", query), refusal(message));
    }
    assert.equal(watchers.count, 0);
  });
});

describe("a wait that ends by its timeout", () => {
  const inVain = (message: string) => refusal(message, "deadline-passed");

  it("a wait that ends by its timeout is refused with the number of matches", async () => {
    const { reader, watchers, arrivals } = buildReader();
    await assert.rejects(
      reader.waitFor("spans", { timeoutMs: 1 }),
      inVain("0 of 1 spans matched within 1 ms; no spans are held"),
    );
    assert.deepEqual([watchers.count, arrivals.waiting("traces")], [0, 0]);
  });

  it("a wait that ends by its timeout says how many of the wanted items matched", async () => {
    const { reader, store } = buildReader();
    keep(store, "logs", logsOf(2));
    await assert.rejects(
      reader.waitFor("logs", { minCount: 3, timeoutMs: 0 }),
      inVain("2 of 3 log records matched within 0 ms; no others are held"),
    );
  });

  it("a wait that ends by its timeout names the fields on which the nearest miss failed, and nothing of the item", async () => {
    const { reader, store } = buildReader({ pace: { maxItems: 2 } });
    const tagged = { attributes: makeAttributes({ tag: "secret" }) };
    keep(
      store,
      "traces",
      spansWith(
        { name: "secret", kind: 1 },
        { name: "wanted", kind: 3, startTimeUnixNano: 10n, endTimeUnixNano: 15n, ...tagged },
        { name: "secret", kind: 2, ...tagged },
      ),
    );
    const attributes = new Map([["tag", "right"]]);
    const filter = { service: "shop", name: "wanted", kind: 3, minDurationNano: 6n, attributes };
    await assert.rejects(
      reader.waitFor("spans", { filter, timeoutMs: 0 }),
      inVain('0 of 1 spans matched within 0 ms; the nearest miss failed on attributes["tag"], min_duration'),
    );
  });

  it("a wait that ends by its timeout names, beside matches, no fields of an item of another name", async () => {
    const { reader, store } = buildReader();
    keep(
      store,
      "traces",
      spansWith({ name: "wanted", kind: 3 }, { name: "wanted", kind: 3 }, { name: "other", kind: 3 }),
    );
    const inVainWith = (rest: string) => inVain(`2 of 3 spans matched within 0 ms; ${rest}`);
    const wait = (filter: object) => reader.waitFor("spans", { filter, minCount: 3, timeoutMs: 0 });
    await assert.rejects(wait({ name: "wanted" }), inVainWith("no other comes near"));
    await assert.rejects(wait({ name: "wanted", kind: 3 }), inVainWith("no other comes near"));
    await assert.rejects(wait({ name: "wanted", service: "shop" }), inVainWith("no other comes near"));
    keep(store, "traces", spansWith({ name: "wanted", kind: 1 }, { name: "other", kind: 3 }));
    await assert.rejects(wait({ name: "wanted", kind: 3 }), inVainWith("the nearest miss failed on kind"));
    await assert.rejects(
      reader.waitFor("spans", { filter: { kind: 1 }, minCount: 2, timeoutMs: 0 }),
      inVain("1 of 2 spans matched within 0 ms; no other comes near"),
    );
  });

  it("a wait that ends by its timeout does not look for the nearest miss before its cursor", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(3));
    await assert.rejects(
      reader.waitFor("spans", { filter: { name: "none" }, after: reader.newestCursor(), timeoutMs: 0 }),
      inVain("0 of 1 spans matched within 0 ms; no spans arrived after the cursor"),
    );
  });

  it("a wait that ends by its timeout keeps its message short for a filter with many long keys", async () => {
    const { reader, store } = buildReader();
    keep(store, "metrics", metricsOf(1));
    const attributes = new Map(range(0, 500).map((i) => [`${i}${"k".repeat(1_000)}`, "v"]));
    await assert.rejects(
      reader.waitFor("metrics", { filter: { attributes }, timeoutMs: 0 }),
      ({ message }) => {
        assert.match(message, / and 490 more$/);
        return message.length < 1_500;
      },
    );
  });
});
