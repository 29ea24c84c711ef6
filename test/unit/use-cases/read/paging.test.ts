import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ObsvtyError } from "../../../../src/domain/errors.ts";
import { parseTraceId } from "../../../../src/domain/ids.ts";
import { keep, metricsOf, spansOf, spansWith } from "../../../contract/store-requests.ts";
import { buildReader, names, ordinals, range } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";

type Bounds = { readonly limit: number } | { readonly maxBytes: number };

/** Bounds that end a page after three items of 100 bytes each. */
const boundsOfThree: readonly [name: string, bounds: Bounds][] = [
  ["limit", { limit: 3 }],
  ["max_bytes", { maxBytes: 350 }],
  ["max_bytes, to the byte,", { maxBytes: 300 }],
];

for (const [name, bounds] of boundsOfThree) {
  describe(`a page that ends by ${name}`, () => {
    it(`a page that ends by ${name} has the newest items that fit, and previous leads back to all others, each once`, async () => {
      const { reader, store } = buildReader({ sizeOf: () => 100, pace: { maxItems: 2 } });
      keep(store, "traces", spansOf(8));
      const pages: number[][] = [];
      for (let before: string | undefined; before !== ""; ) {
        const page = await reader.search("spans", { ...bounds, before });
        pages.push(ordinals(page));
        before = page.previous;
      }
      assert.deepEqual(pages, [
        [5, 6, 7],
        [2, 3, 4],
        [0, 1],
      ]);
    });

    it(`a page that ends by ${name} has the oldest items after a cursor that fit, and cursor leads on to all others, each once`, async () => {
      const { reader, store } = buildReader({ sizeOf: () => 100, pace: { maxItems: 2 } });
      let after = reader.newestCursor();
      keep(store, "traces", spansOf(7));
      const pages: number[][] = [];
      for (let i = 0; i < 4; i++) {
        const page = await reader.search("spans", { ...bounds, after });
        pages.push(ordinals(page));
        after = page.cursor;
      }
      assert.deepEqual(pages, [[0, 1, 2], [3, 4, 5], [6], []]);
    });

    it(`a page that ends by ${name} leads back from a page after a cursor, and on from a page before one`, async () => {
      const { reader, store } = buildReader({ sizeOf: () => 100 });
      keep(store, "traces", spansOf(10));
      const middle = await reader.search("spans", { ...bounds, after: reader.itemCursor("traces", 3) });
      assert.deepEqual(ordinals(middle), [4, 5, 6]);
      const back = await reader.search("spans", { ...bounds, before: middle.previous });
      assert.deepEqual(ordinals(back), [1, 2, 3]);
      const on = await reader.search("spans", { ...bounds, after: back.cursor });
      assert.deepEqual(ordinals(on), [4, 5, 6]);
    });

    it(`a page that ends by ${name} has each trace once, at its newest span that matches, in either direction`, async () => {
      const { reader, store } = buildReader({ sizeOf: () => 100, pace: { maxItems: 2 } });
      const start = reader.newestCursor();
      const of = (n: number) => ({ traceId: Buffer.alloc(16, n) });
      keep(store, "traces", spansWith(...[1, 2, 3, 4, 5, 6, 7, 1, 2, 7].map(of)));
      const back: string[][] = [];
      for (let before: string | undefined; before !== ""; ) {
        const page = await reader.searchTraces({ ...bounds, before });
        back.push(page.items.map(({ traceId }) => traceId.slice(0, 2)));
        before = page.previous;
      }
      assert.deepEqual(back.toReversed().flat(), ["03", "04", "05", "06", "01", "02", "07"]);
      const on: string[][] = [];
      for (let after = start; on.at(-1)?.length !== 0; ) {
        const page = await reader.searchTraces({ ...bounds, after });
        on.push(page.items.map(({ traceId }) => traceId.slice(0, 2)));
        after = page.cursor;
      }
      assert.deepEqual(on, [["03", "04", "05"], ["06", "01", "02"], ["07"], []]);
    });

    it(`a page that ends by ${name} has the latest point of each series once, in either direction`, async () => {
      const { reader, store } = buildReader({ sizeOf: () => 100, pace: { maxItems: 2 } });
      const start = reader.newestCursor();
      keep(store, "metrics", metricsOf(5));
      keep(store, "metrics", metricsOf(2));
      const back: number[][] = [];
      for (let before: string | undefined; before !== ""; ) {
        const page = await reader.search("metrics", { ...bounds, latest: true, before });
        back.push(ordinals(page));
        before = page.previous;
      }
      assert.deepEqual(back, [[4, 5, 6], [2, 3], []].slice(0, back.length));
      const first = await reader.search("metrics", { ...bounds, latest: true, after: start });
      const second = await reader.search("metrics", { ...bounds, latest: true, after: first.cursor });
      assert.deepEqual([first, second].map(ordinals), [
        [2, 3, 4],
        [5, 6],
      ]);
    });
  });
}

describe("a page of the newest after a cursor", () => {
  it("a page of the newest after a cursor leaves out what lies between, and leads on behind it and back", async () => {
    const { reader, store } = buildReader({ sizeOf: () => 100, pace: { maxItems: 2 } });
    keep(store, "traces", spansOf(3));
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(7));
    for (const bounds of [{ limit: 3 }, { maxBytes: 350 }]) {
      const page = await reader.search("spans", { ...bounds, after, newest: true });
      assert.deepEqual([ordinals(page), page.missed], [[7, 8, 9], 0]);
      const back = await reader.search("spans", { ...bounds, before: page.previous });
      assert.deepEqual(ordinals(back), [4, 5, 6]);
      const on = await reader.search("spans", { ...bounds, after: page.cursor, newest: true });
      assert.deepEqual(ordinals(on), []);
    }
    const whole = await reader.search("spans", { after, newest: true });
    assert.deepEqual(ordinals(whole), range(3, 10));
    assert.deepEqual(ordinals(await reader.search("spans", { before: whole.previous })), range(0, 3));
  });

  it("a page of the newest after a cursor has the traces and the latest points that arrived after it", async () => {
    const { reader, store } = buildReader({ sizeOf: () => 100, pace: { maxItems: 2 } });
    const of = (n: number) => ({ traceId: Buffer.alloc(16, n) });
    keep(store, "traces", spansWith(...[1, 2, 3].map(of)));
    keep(store, "metrics", metricsOf(3));
    const after = reader.newestCursor();
    keep(store, "traces", spansWith(...[4, 5, 1, 6, 5].map(of)));
    keep(store, "metrics", metricsOf(2));
    const traces = await reader.searchTraces({ after, newest: true, limit: 3 });
    assert.deepEqual(
      traces.items.map(({ traceId, spanCount }) => [traceId.slice(0, 2), spanCount]),
      [
        ["01", 2],
        ["06", 1],
        ["05", 2],
      ],
    );
    const points = await reader.search("metrics", { after, newest: true, latest: true });
    assert.deepEqual(ordinals(points), [3, 4]);
  });

  it("a page of the newest after a cursor counts what was evicted since then as missed, and not what was cleared", async () => {
    const { reader, store } = buildReader({ sizeOf: () => 100, maxItems: 10 });
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(15));
    for (const limit of [3, 100]) {
      const page = await reader.search("spans", { after, newest: true, limit });
      assert.deepEqual([ordinals(page).at(-1), page.missed], [14, 5]);
    }
    reader.clear();
    keep(store, "traces", spansOf(2));
    const page = await reader.search("spans", { after, newest: true });
    assert.deepEqual([ordinals(page), page.missed], [[15, 16], 5]);
  });
});

describe("a page", () => {
  it("a page has one item at least, also one that is larger than max_bytes", async () => {
    const { reader, store } = buildReader({ sizeOf: () => 100 });
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(3));
    assert.deepEqual(ordinals(await reader.search("spans", { maxBytes: 1 })), [2]);
    assert.deepEqual(ordinals(await reader.search("spans", { maxBytes: 1, after })), [0]);
  });

  it("a page counts the bytes of the answer beside its items", async () => {
    const { reader, store } = buildReader({ sizeOf: () => 100 });
    keep(store, "traces", spansOf(3));
    const page = await reader.search("spans", { maxBytes: 300, envelopeBytes: 1 });
    assert.deepEqual(ordinals(page), [1, 2]);
  });

  it("a page between two cursors has the oldest items of the range between them", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(10));
    const after = reader.itemCursor("traces", 2);
    const before = reader.itemCursor("traces", 6);
    assert.deepEqual(ordinals(await reader.search("spans", { after, before })), [3, 4, 5, 6]);
    assert.deepEqual(ordinals(await reader.search("spans", { after, before, limit: 2 })), [3, 4]);
    assert.deepEqual(ordinals(await reader.search("spans", { after: before, before: after })), []);
  });

  it("a page has no previous when no item before it is held any more", async () => {
    const { reader, store } = buildReader({ maxItems: 4 });
    keep(store, "traces", spansOf(4));
    const { previous } = await reader.search("spans", { limit: 2 });
    assert.notEqual(previous, "");
    keep(store, "traces", spansOf(3));
    const page = await reader.search("spans", { before: previous });
    assert.deepEqual([ordinals(page), page.previous], [[], ""]);
  });

  it("a page with a bad max_bytes or a bad before is refused by the field's name", async () => {
    const { reader } = buildReader();
    const bytes = "max_bytes: must be a whole number from 1 to 67108864";
    for (const [query, message] of [
      [{ maxBytes: 0 }, bytes],
      [{ maxBytes: 2 ** 26 + 1 }, bytes],
      [{ before: "!" }, "before: not a cursor"],
      [{ before: reader.itemCursor("traces", 5) }, "before: the cursor is not of this server"],
    ] as const) {
      await assert.rejects(reader.search("spans", query), refusal(message));
    }
  });

  it("a page never has more than the memory for all answers", async () => {
    const { reader, store, answers } = buildReader({ sizeOf: () => 100, maxAnswerBytes: 250 });
    keep(store, "traces", spansOf(5));
    assert.deepEqual(ordinals(await reader.search("spans", {})), [3, 4]);
    assert.equal(answers.bytes, 0);
  });

  it("a page is refused while other answers hold the memory, and keeps none itself", async () => {
    const { reader, store, answers } = buildReader({ sizeOf: () => 100, maxAnswerBytes: 250 });
    keep(store, "traces", spansOf(5));
    const other = answers.open();
    other.take(200);
    await assert.rejects(
      reader.search("spans", {}),
      (reason) => reason instanceof ObsvtyError && reason.code === "answers-too-large",
    );
    assert.equal(answers.bytes, 200);
  });
});

describe("the spans of a trace", () => {
  const traceId = parseTraceId("aa".repeat(16), "trace_id");
  const span = (name: string, startTimeUnixNano: bigint) => ({
    traceId: new Uint8Array(16).fill(0xaa),
    name,
    startTimeUnixNano,
  });

  it("the spans of a trace come in pages by arrival, each sorted by start, those without a start last", async () => {
    const { reader, store } = buildReader({ sizeOf: () => 100, pace: { maxItems: 2 } });
    keep(
      store,
      "traces",
      spansWith(span("d", 4n), span("none", 0n), span("c", 3n), {}, span("b", 2n), span("a", 1n)),
    );
    const first = await reader.getTrace(traceId, { maxBytes: 300 });
    const second = await reader.getTrace(traceId, { maxBytes: 300, after: first.cursor });
    const third = await reader.getTrace(traceId, { maxBytes: 300, after: second.cursor });
    assert.deepEqual([first, second, third].map(names), [["c", "d", "none"], ["a", "b"], []]);
  });

  it("a trace without spans after a cursor is an empty page", async () => {
    const { reader } = buildReader();
    assert.deepEqual(names(await reader.getTrace(traceId, { after: reader.newestCursor() })), []);
  });
});

describe("a wait whose items do not fit into one answer", () => {
  it("a wait answers the first items that fit and how many matched, and its cursor leads on to the others", async () => {
    const { reader, store } = buildReader({ sizeOf: () => 100, pace: { maxMs: 0 } });
    keep(store, "traces", spansOf(10));
    const { items, matched, cursor } = await reader.waitFor("spans", { minCount: 8, maxBytes: 300 });
    assert.deepEqual([ordinals({ items }), matched], [range(0, 3), 8]);
    assert.deepEqual(ordinals(await reader.search("spans", { after: cursor })), range(3, 10));
  });
});
