import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UndecidedFilter } from "../../../../src/domain/filter.ts";
import { keep, spansOf, spansWith } from "../../../contract/store-requests.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";
import { buildReader, range } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";

const traceId = (n: number) => Buffer.alloc(16, n);
const hex = (n: number) => traceId(n).toString("hex");
const parent = Buffer.alloc(8, 1);

/** A span of trace `n`. */
const of = (n: number, fields: Parameters<typeof spansWith>[number] = {}) => ({
  traceId: traceId(n),
  ...fields,
});

const ids = (result: { readonly items: readonly { readonly traceId: string }[] }) =>
  result.items.map(({ traceId }) => traceId);

describe("a search of traces", () => {
  it("a search of traces sums up all the spans held of a trace, though only one matches", async () => {
    const { reader, store } = buildReader();
    const request = spansWith(
      of(1, { name: "query", parentSpanId: parent, startTimeUnixNano: 200n, endTimeUnixNano: 900n }),
      of(1, { name: "late root", startTimeUnixNano: 300n, endTimeUnixNano: 400n, status: { code: 2 } }),
      of(1, { name: "GET /", startTimeUnixNano: 100n, endTimeUnixNano: 300n, status: { code: 1 } }),
      of(2, { name: "other" }),
    );
    keep(store, "traces", request);
    const elsewhere = spansWith(
      of(1, { parentSpanId: parent, startTimeUnixNano: 0n, endTimeUnixNano: 0n, status: { code: 2 } }),
    );
    elsewhere.resourceSpans[0]!.resource!.attributes[0]!.value!.value = { case: "stringValue", value: "db" };
    keep(store, "traces", elsewhere);
    const { items } = await reader.searchTraces({ filter: { name: "query" } });
    assert.deepEqual(items, [
      {
        traceId: hex(1),
        ordinal: 0,
        rootName: "GET /",
        rootService: "shop",
        services: ["db", "shop"],
        spanCount: 4,
        errorCount: 2,
        startUnixNano: 100n,
        endUnixNano: 900n,
      },
    ]);
  });

  it("a summary tells the message of the failed span that started last of those that have one", async () => {
    const { reader, store } = buildReader();
    const failed = (start: bigint, message: string) =>
      of(1, { startTimeUnixNano: start, status: { code: 2, message } });
    const ok = of(1, { startTimeUnixNano: 900n, status: { code: 1, message: "fine" } });
    keep(
      store,
      "traces",
      spansWith(failed(300n, "card declined"), failed(100n, "late"), failed(400n, ""), ok),
    );
    keep(store, "traces", spansWith(of(2, { status: { code: 2 } })));
    const { items } = await reader.searchTraces({});
    assert.deepEqual(
      items.map(({ errorMessage }) => errorMessage),
      ["card declined", undefined],
    );
  });

  it("a search of traces decodes no more spans than those of the traces that it answers with", async () => {
    const { reader, store } = buildReader();
    for (let n = 1; n <= 50; n++) keep(store, "traces", spansWith(of(n), of(n)));
    const viewed: number[] = [];
    const view = store.view.bind(store);
    store.view = (signal, ordinal) => {
      viewed.push(ordinal);
      return view(signal, ordinal);
    };
    const { items } = await reader.searchTraces({ limit: 2 });
    assert.deepEqual(ids({ items }), [hex(49), hex(50)]);
    // From the end to the second trace, then the spans of both.
    assert.deepEqual(viewed, [99, 98, 97, 96, 97, 98, 99]);
  });

  it("a trace has no root name, service or time when no span has one", async () => {
    const { reader, store } = buildReader();
    const request = spansWith(of(1, { parentSpanId: parent, startTimeUnixNano: 0n, endTimeUnixNano: 0n }));
    request.resourceSpans[0]!.resource!.attributes = [];
    keep(store, "traces", request);
    const { items } = await reader.searchTraces({});
    const { rootName, services, startUnixNano, endUnixNano } = items[0]!;
    assert.deepEqual([rootName, services, startUnixNano, endUnixNano], ["", [], 0n, 0n]);
  });

  it("a trace has the name of the span that started first when no root is held", async () => {
    const { reader, store } = buildReader();
    const later = of(1, { name: "SELECT", parentSpanId: parent, startTimeUnixNano: 200n });
    const unknown = of(1, { name: "unknown start", parentSpanId: parent, startTimeUnixNano: 0n });
    const first = of(1, { name: "GET /", parentSpanId: Buffer.alloc(8, 9), startTimeUnixNano: 100n });
    keep(store, "traces", spansWith(later, unknown, first));
    const names = async () => {
      const { rootName, firstSpanName } = (await reader.searchTraces({})).items[0]!;
      return [rootName, firstSpanName];
    };
    assert.deepEqual(await names(), ["", "GET /"]);
    keep(store, "traces", spansWith(of(1, { name: "gateway", startTimeUnixNano: 300n })));
    assert.deepEqual(await names(), ["gateway", undefined]);
  });

  it("a trace takes no date and no root from a span whose start is not known", async () => {
    const { reader, store } = buildReader();
    const unknown = of(1, { name: "unknown start", startTimeUnixNano: 0n, endTimeUnixNano: 0n });
    const known = of(1, { name: "GET /", startTimeUnixNano: 100n, endTimeUnixNano: 300n });
    const later = of(1, { name: "later", startTimeUnixNano: 200n, endTimeUnixNano: 250n });
    for (const [spans, rootName] of [
      [[unknown, later, known], "GET /"],
      [[known, unknown, later], "GET /"],
      [[later, known, unknown], "GET /"],
    ] as const) {
      keep(store, "traces", spansWith(...spans));
      const [summary] = (await reader.searchTraces({})).items;
      assert.deepEqual(
        [summary?.rootName, summary?.startUnixNano, summary?.endUnixNano],
        [rootName, 100n, 300n],
      );
      reader.clear();
    }
    keep(store, "traces", spansWith(unknown));
    assert.equal((await reader.searchTraces({})).items[0]?.rootName, "unknown start");
  });

  it("a search of traces answers the newest traces, the newest last, by their newest span that matches", async () => {
    const { reader, store } = buildReader({ pace: { maxItems: 2 } });
    keep(store, "traces", spansWith(of(1), of(2), of(3), of(1), of(4, { name: "x" }), of(2, { name: "x" })));
    assert.deepEqual(ids(await reader.searchTraces({ limit: 3 })), [hex(1), hex(4), hex(2)]);
    assert.deepEqual(ids(await reader.searchTraces({ filter: { name: "x" } })), [hex(4), hex(2)]);
  });

  it("a search of traces pages after a cursor, the oldest first", async () => {
    const { reader, store } = buildReader();
    let cursor = reader.newestCursor();
    keep(store, "traces", spansWith(of(1), of(2), of(1), of(3)));
    const pages: string[][] = [];
    for (let i = 0; i < 3; i++) {
      const page = await reader.searchTraces({ after: cursor, limit: 2 });
      pages.push(ids(page));
      cursor = page.cursor;
    }
    assert.deepEqual(pages, [[hex(2), hex(1)], [hex(3)], []]);
    keep(store, "traces", spansWith(of(2)));
    const { items } = await reader.searchTraces({ after: cursor });
    assert.deepEqual([items[0]?.traceId, items[0]?.spanCount], [hex(2), 2]);
  });

  it("a search of traces says how many spans after the cursor were evicted", async () => {
    const { reader, store } = buildReader({ maxItems: 10 });
    const after = reader.newestCursor();
    keep(store, "traces", spansOf(25));
    assert.equal((await reader.searchTraces({ after })).missed, 15);
  });

  it("a search of traces leaves out a trace that is evicted while it is summed up", async () => {
    const { reader, store } = buildReader({ maxItems: 10, pace: { maxItems: 10 } });
    keep(store, "traces", spansWith(of(1), of(2)));
    const searching = reader.searchTraces({ limit: 10 });
    keep(store, "traces", spansOf(10));
    assert.deepEqual(ids(await searching), []);
  });

  describe("without others", () => {
    const user = (id: string) => ({ attributes: makeAttributes({ "user.id": id }) });
    const without = [{ attributes: new Map([["user.id", "u1"]]) }];

    it("a trace is left out when any span that is held of it matches an excluded filter, also one that does not match the filter", async () => {
      const { reader, store } = buildReader();
      keep(store, "traces", spansWith(of(1, user("u1")), of(1, { name: "root" }), of(2, { name: "root" })));
      keep(store, "traces", spansWith(of(3, { name: "root", ...user("u2") }), of(3, user("u1"))));
      assert.deepEqual(ids(await reader.searchTraces({ filter: { name: "root" }, without })), [hex(2)]);
      assert.deepEqual(ids(await reader.searchTraces({ without: [...without, { name: "root" }] })), []);
    });

    it("a filter without conditions leaves out all traces, and no span is decoded for it", async (t) => {
      const { reader, store } = buildReader();
      keep(store, "traces", spansWith(of(1), of(2)));
      const read = t.mock.method(store, "read");
      const view = t.mock.method(store, "view");
      for (const filter of [{}, { attributes: new Map<string, string>() }]) {
        assert.deepEqual(ids(await reader.searchTraces({ without: [{ name: "no such span" }, filter] })), []);
      }
      // The walk for the traces themselves has a view of each span, which this store reads for it.
      assert.deepEqual([read.mock.callCount(), view.mock.callCount()], [4, 4]);
    });

    it("a trace whose excluded spans are evicted is listed", async () => {
      const { reader, store } = buildReader({ maxItems: 2 });
      keep(store, "traces", spansWith(of(1, user("u1")), of(1)));
      assert.deepEqual(ids(await reader.searchTraces({ without })), []);
      keep(store, "traces", spansWith(of(2)));
      assert.deepEqual(ids(await reader.searchTraces({ without })), [hex(1), hex(2)]);
    });

    it("a span that cannot be decoded excludes no trace, and is counted once", async () => {
      const { reader, store } = buildReader();
      keep(store, "traces", spansWith(of(1), of(2)));
      const where = (span: object) => {
        if ("traceId" in span && span.traceId === hex(1)) throw new UndecidedFilter("too large");
        return false;
      };
      const page = await reader.searchTraces({ without: [{ where }, { where }] });
      assert.deepEqual([ids(page), page.unreadable], [[hex(1), hex(2)], 1]);
    });

    it("few of thousands of traces are found and paged though all others are left out", async () => {
      const { reader, store } = buildReader({ maxItems: 20_000, pace: { maxItems: 1_000 } });
      const start = reader.newestCursor();
      const count = 9_000;
      const id = (n: number) => Buffer.from((n + 2 ** 32).toString(16).padStart(32, "0"), "hex");
      const wanted = [3, 70, 4_500, 8_990];
      for (let at = 0; at < count; at += 1_000) {
        const spans = range(at, at + 1_000).map((n) => ({
          traceId: id(n),
          ...user(wanted.includes(n) ? "u2" : "u1"),
        }));
        keep(store, "traces", spansWith(...spans));
      }
      const expected = wanted.map((n) => id(n).toString("hex"));
      const newest = await reader.searchTraces({ without, limit: 3 });
      assert.deepEqual(ids(newest), expected.slice(1));
      assert.deepEqual(
        ids(await reader.searchTraces({ without, before: newest.previous })),
        expected.slice(0, 1),
      );
      const oldest = await reader.searchTraces({ without, after: start, limit: 3 });
      assert.deepEqual(ids(oldest), expected.slice(0, 3));
      assert.deepEqual(ids(await reader.searchTraces({ without, after: oldest.cursor })), expected.slice(3));
    });
  });

  it("a search of traces with a bad limit is refused", async () => {
    const message = "limit: must be a whole number from 1 to 10000";
    await assert.rejects(buildReader().reader.searchTraces({ limit: 10_001 }), refusal(message));
  });
});
