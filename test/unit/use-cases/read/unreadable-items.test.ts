import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UndecidedFilter } from "../../../../src/domain/filter.ts";
import { parseTraceId } from "../../../../src/domain/ids.ts";
import type { TelemetryStore } from "../../../../src/ports/telemetry-store.ts";
import { keep, spansOf, spansWith } from "../../../contract/store-requests.ts";
import { buildReader, ordinals } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";

/** A length that runs past the end: no decoder takes it. */
const undecodable = Uint8Array.of(0x0a, 0x7f);

/** Makes the store give bytes for an item that cannot be decoded. */
function poison(store: TelemetryStore, poisoned: number): void {
  const read = store.read.bind(store);
  store.read = (signal, ordinal) => {
    const item = read(signal, ordinal);
    return item !== undefined && ordinal === poisoned ? { ...item, item: undecodable } : item;
  };
}

describe("an item that cannot be decoded", () => {
  it("an item that cannot be decoded is skipped and counted by a search, in either direction", async () => {
    const { reader, store } = buildReader();
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(4));
    poison(store, 2);
    for (const query of [{}, { after }]) {
      const { items, unreadable } = await reader.search("spans", query);
      assert.deepEqual([ordinals({ items }), unreadable], [[0, 1, 3], 1]);
    }
  });

  it("an item that cannot be decoded is counted once in the statistics, however often it is read", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(4));
    poison(store, 2);
    for (let i = 0; i < 3; i++) await reader.search("spans", {});
    assert.deepEqual([reader.stats().traces.unreadable, reader.stats().logs.unreadable], [1, 0]);
  });

  it("an item that cannot be decoded is skipped and counted by a search of traces and by GetTrace", async () => {
    const { reader, store } = buildReader();
    const traceId = new Uint8Array(16).fill(0xaa);
    keep(store, "traces", spansWith({ traceId }, { traceId }, { traceId }));
    poison(store, 1);
    const { items, unreadable } = await reader.searchTraces({});
    assert.deepEqual([items.map(({ spanCount }) => spanCount), unreadable], [[2], 1]);
    const trace = await reader.getTrace(parseTraceId("aa".repeat(16), "trace_id"));
    assert.deepEqual([ordinals(trace), trace.unreadable], [[0, 2], 1]);
  });

  it("an item that cannot be decoded is skipped and counted by figures, outlines, graphs and lists", async () => {
    const { reader, store } = buildReader();
    const traceId = new Uint8Array(16).fill(0xaa);
    keep(store, "traces", spansWith({ traceId }, { traceId }, { traceId }));
    poison(store, 1);
    const summary = await reader.summarizeSpans({});
    assert.deepEqual([summary.matched, summary.unreadable], [2, 1]);
    const overTime = await reader.countOverTime("spans", {});
    assert.deepEqual([overTime.matched, overTime.unreadable], [2, 1]);
    const outline = await reader.traceOutline(parseTraceId("aa".repeat(16), "trace_id"));
    assert.deepEqual([outline.spanCount, outline.unreadable], [2, 1]);
    const graph = await reader.serviceGraph({});
    assert.deepEqual([graph.services.map(({ spanCount }) => spanCount), graph.unreadable], [[2], 1]);
    const attributes = await reader.attributes("spans", {});
    assert.deepEqual([attributes.lookedAt, attributes.unreadable], [2, 1]);
  });

  it("an item that cannot be decoded does not end a tail", async () => {
    const { reader, send, store } = buildReader();
    const batches = reader.tail("spans", { after: reader.newestCursor() })[Symbol.asyncIterator]();
    send("traces", spansOf(3));
    poison(store, 0);
    const { items, unreadable } = (await batches.next()).value;
    assert.deepEqual([ordinals({ items }), unreadable], [[1, 2], 1]);
    await batches.return?.();
  });

  it("an item that cannot be decoded does not end a wait, nor the search for the nearest miss", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(3));
    poison(store, 0);
    const { items, unreadable } = await reader.waitFor("spans", { minCount: 2 });
    assert.deepEqual([ordinals({ items }), unreadable], [[1, 2], 1]);
    await assert.rejects(
      reader.waitFor("spans", { filter: { name: "none" }, timeoutMs: 0 }),
      refusal("0 of 1 spans matched within 0 ms; the nearest miss failed on name", "deadline-passed"),
    );
  });

  it("an item that cannot be shown is skipped and counted too", async () => {
    const { reader, store } = buildReader({
      sizeOf: (item) => {
        if ((item as { ordinal: number }).ordinal === 1) throw new Error("cannot be shown");
        return 1;
      },
    });
    keep(store, "traces", spansOf(3));
    const { items, unreadable } = await reader.search("spans", {});
    assert.deepEqual([ordinals({ items }), unreadable], [[0, 2], 1]);
  });
});

describe("an item that is too large for the expression of a filter", () => {
  const where = ({ ordinal }: { readonly ordinal: number }) => {
    if (ordinal === 2) throw new UndecidedFilter("too large");
    return ordinal > 0;
  };

  it("an item that is too large for the expression of a filter is counted in the answer, and not as one that cannot be decoded", async () => {
    const { reader, store } = buildReader();
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(4));
    for (const query of [{}, { after }]) {
      const { items, unreadable } = await reader.search("spans", { ...query, filter: { where } });
      assert.deepEqual([ordinals({ items }), unreadable], [[1, 3], 1]);
    }
    assert.equal(reader.stats().traces.unreadable, 0);
  });

  it("an item that is too large for the expression of a filter does not end a wait, nor the search for the nearest miss", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(4));
    const { items, unreadable } = await reader.waitFor("spans", { filter: { where }, minCount: 2 });
    assert.deepEqual([ordinals({ items }), unreadable], [[1, 3], 1]);
    const none = (item: { readonly ordinal: number }) => where(item) && false;
    await assert.rejects(
      reader.waitFor("spans", { filter: { where: none }, timeoutMs: 0 }),
      refusal("0 of 1 spans matched within 0 ms; the nearest miss failed on where", "deadline-passed"),
    );
  });

  it("an error of another kind in a filter ends a search", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(1));
    const fail = () => {
      throw new TypeError("a mistake in the filter");
    };
    await assert.rejects(reader.search("spans", { filter: { where: fail } }), /a mistake in the filter/);
  });
});
