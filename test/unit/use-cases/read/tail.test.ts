import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Span } from "../../../../src/domain/telemetry.ts";
import { logsOf, metricsOf, spansOf, spansWith } from "../../../contract/store-requests.ts";
import { buildReader, names, ordinals, range, withTag } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";

/** The next batch of a tail that goes on. */
async function next<Batch>(batches: AsyncIterator<Batch>): Promise<Batch> {
  const { done, value } = await batches.next();
  assert.ok(done !== true);
  return value;
}

const iterate = <Batch>(batches: AsyncIterable<Batch>) => batches[Symbol.asyncIterator]();

describe("a tail", () => {
  it("a tail starts with an empty batch and then sends the items that arrive", async () => {
    const { reader, send } = buildReader();
    send("traces", spansOf(3));
    const batches = iterate(reader.tail("spans", {}));
    const { items, missed, cursor } = await next(batches);
    assert.deepEqual([items, missed, cursor], [[], 0, reader.itemCursor("traces", 2)]);
    const coming = next(batches);
    send("traces", spansOf(2));
    const batch = await coming;
    assert.deepEqual(names(batch), ["span 0", "span 1"]);
    assert.equal(batch.cursor, reader.itemCursor("traces", 4));
  });

  it("a tail sends items that arrived after its cursor at once", async () => {
    const { reader, send } = buildReader();
    const after = reader.newestCursor();
    send("logs", logsOf(3));
    send("metrics", metricsOf(5));
    assert.deepEqual(ordinals(await next(iterate(reader.tail("logs", { after })))), [0, 1, 2]);
    const filter = { type: "gauge" } as const;
    assert.equal((await next(iterate(reader.tail("metrics", { after, filter })))).items.length, 1);
  });

  it("a tail sends nothing for items that do not match, and goes on after them", async () => {
    const { reader, send } = buildReader();
    const filter = { attributes: new Map([["tag", "rare"]]) };
    const batches = iterate(reader.tail("spans", { filter }));
    await next(batches);
    const coming = next(batches);
    send("traces", spansOf(5));
    await new Promise(setImmediate);
    send("traces", spansWith(...withTag("rare", 4, (i) => i === 1)));
    assert.deepEqual(ordinals(await coming), [6]);
  });

  it("a tail sends items that arrive in one turn of the event loop in one batch", async () => {
    const { reader, send } = buildReader();
    const batches = iterate(reader.tail("spans", {}));
    await next(batches);
    const coming = next(batches);
    for (let i = 0; i < 3; i++) send("traces", spansOf(1));
    assert.deepEqual(ordinals(await coming), [0, 1, 2]);
  });

  it("a tail tells a slow reader how many items it missed", async () => {
    const { reader, send } = buildReader({ maxItems: 10 });
    const batches = iterate(reader.tail("spans", {}));
    await next(batches);
    for (let i = 0; i < 25; i++) send("traces", spansOf(1));
    const late = await next(batches);
    assert.deepEqual([ordinals(late), late.missed], [range(15, 25), 15]);
    send("traces", spansOf(2));
    const soon = await next(batches);
    assert.deepEqual([ordinals(soon), soon.missed], [[25, 26], 0]);
  });

  it("a tail tells how many items were missed even when none matches", async () => {
    const { reader, send } = buildReader({ maxItems: 10 });
    const batches = iterate(reader.tail("spans", { filter: { name: "none" } }));
    await next(batches);
    send("traces", spansOf(13));
    const { items, missed } = await next(batches);
    assert.deepEqual([items.length, missed], [0, 3]);
  });

  it("a tail does not count cleared items as missed", async () => {
    const { reader, send } = buildReader();
    const batches = iterate(reader.tail("spans", {}));
    await next(batches);
    send("traces", spansOf(3));
    reader.clear();
    send("traces", spansOf(1));
    const { items, missed } = await next(batches);
    assert.deepEqual([items.length, missed], [1, 0]);
  });

  it("a tail sends a backlog in batches of a limited number of items and bytes, each item once", async () => {
    const { reader, send } = buildReader({ sizeOf: (item) => 100 * String((item as Span).name).length });
    const after = reader.newestCursor();
    send("traces", spansOf(450));
    const big = spansOf(5);
    for (const span of big.resourceSpans[0]!.scopeSpans[0]!.spans) span.name = "x".repeat(6_000);
    send("traces", big);
    const batches = iterate(reader.tail("spans", { after }));
    const lengths: number[] = [];
    const seen: number[] = [];
    while (seen.length < 455) {
      const batch = await next(batches);
      lengths.push(batch.items.length);
      seen.push(...ordinals(batch));
    }
    assert.deepEqual(lengths, [200, 200, 50, 1, 1, 1, 1, 1]);
    assert.deepEqual(seen, range(0, 455));
  });

  it("a tail waits while other answers hold the memory for answers, and holds none between two batches", async () => {
    const { reader, send, answers } = buildReader({ maxAnswerBytes: 1_000 });
    const other = answers.open();
    const batches = iterate(reader.tail("spans", {}));
    await next(batches);
    other.take(1_000);
    const coming = next(batches);
    send("traces", spansOf(2));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.equal(answers.bytes, 1_000);
    other.release();
    assert.deepEqual(ordinals(await coming), [0, 1]);
    assert.equal(answers.bytes, 2);
    await batches.return?.();
    assert.equal(answers.bytes, 0);
  });

  it("a tail ends when its reader goes, or its call is aborted, and frees its place", async () => {
    const { reader, watchers, arrivals } = buildReader({ maxWatchers: 2 });
    const controller = new AbortController();
    const reason = new Error("gone");
    const left = iterate(reader.tail("spans", {}));
    const aborted = iterate(reader.tail("spans", { abort: controller.signal }));
    await Promise.all([next(left), next(aborted)]);
    await assert.rejects(
      next(iterate(reader.tail("spans", {}))),
      refusal("limit of 2 concurrent Tail, WaitFor and ReadRequests calls reached", "too-many-watchers"),
    );
    const coming = aborted.next();
    controller.abort(reason);
    await assert.rejects(coming, reason);
    await left.return?.();
    assert.deepEqual([watchers.count, arrivals.waiting("traces")], [0, 0]);
  });

  it("a tail frees its place when it is aborted while its reader does not read", async () => {
    const { reader, watchers } = buildReader();
    const controller = new AbortController();
    await next(iterate(reader.tail("spans", { abort: controller.signal })));
    assert.equal(watchers.count, 1);
    controller.abort();
    assert.equal(watchers.count, 0);
  });

  it("a tail with a bad cursor is refused", async () => {
    const { reader, watchers } = buildReader();
    await assert.rejects(next(iterate(reader.tail("spans", { after: "!" }))), refusal("after: not a cursor"));
    const ahead = reader.itemCursor("traces", 7);
    await assert.rejects(
      next(iterate(reader.tail("spans", { after: ahead }))),
      refusal("after: the cursor is not of this server"),
    );
    assert.equal(watchers.count, 0);
  });
});
