import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RecentItems } from "../../../../src/use-cases/read/recent-items.ts";
import { spansOf, spansWith } from "../../../contract/store-requests.ts";
import { encodedItem } from "../../../support/encoded-item.ts";
import { buildReader, withTag } from "../../../support/reader.ts";

/** The first batch with items of each tail; the empty ones at their start have been read. */
async function batchesOf<Batch extends { readonly items: readonly unknown[] }>(
  tails: readonly AsyncIterable<Batch>[],
  send: () => void,
): Promise<Batch[]> {
  const readers = tails.map((tail) => tail[Symbol.asyncIterator]());
  await Promise.all(readers.map((reader) => reader.next()));
  const coming = Promise.all(readers.map((reader) => reader.next()));
  send();
  const batches = await coming;
  for (const reader of readers) await reader.return?.();
  return batches.map(({ done, value }) => {
    assert.ok(done !== true);
    return value;
  });
}

describe("calls that follow what arrives", () => {
  it("calls that follow what arrives show an item once for all that show it in the same way", async () => {
    const shown: object[] = [];
    const { reader, send } = buildReader({
      sizeOf: (item) => {
        shown.push(item);
        return 1;
      },
    });
    const ways = ["JSON", "JSON", "JSON", "binary", "binary"];
    const filter = { name: "span 1" };
    const tails = [
      ...ways.map((shownAs) => reader.tail("spans", { shownAs })),
      reader.tail("spans", { shownAs: "JSON", filter }),
    ];
    const batches = await batchesOf(tails, () => send("traces", spansOf(4)));
    assert.deepEqual(
      batches.map(({ items }) => items.length),
      [4, 4, 4, 4, 4, 1],
    );
    assert.equal(shown.length, 2 * 4);
  });

  it("calls that follow what arrives decode an item once, whatever their filters", async () => {
    const { reader, send } = buildReader();
    const spans = withTag("x", 3, () => true).map((fields, i) => ({ ...fields, name: `span ${i}` }));
    const waiting = reader.waitFor("spans", { filter: { attributes: new Map([["tag", "x"]]) }, minCount: 3 });
    const tails = [{}, { name: "span 1" }, { attributes: new Map([["tag", "x"]]) }].map((filter) =>
      reader.tail("spans", { filter }),
    );
    const [all, named, tagged] = await batchesOf(tails, () => send("traces", spansWith(...spans)));
    assert.deepEqual([all?.items.length, named?.items.length, tagged?.items.length], [3, 1, 3]);
    // Not only equal, but the same.
    assert.equal(named?.items[0], all?.items[1]);
    for (const [i, span] of (all?.items ?? []).entries()) {
      assert.equal(tagged?.items[i], span);
      assert.equal((await waiting).items[i], span);
    }
  });
});

describe("recent items", () => {
  const encoded = (ordinal: number, bytes: number) => ({
    ...encodedItem({ item: new Uint8Array(bytes) }),
    ordinal,
  });

  it("recent items are forgotten in the order in which they were added, when they take more than half a megabyte", () => {
    const shared = new RecentItems().share({ signal: "logs", from: 0 });
    for (let ordinal = 0; ordinal < 1_000; ordinal++) {
      shared.addDecoded(encoded(ordinal, 1_000), { ordinal });
    }
    const kept = Array.from({ length: 1_000 }, (_, ordinal) => shared.decoded(ordinal) !== undefined);
    const first = kept.indexOf(true);
    assert.ok(kept.slice(first).every(Boolean), "those added last are kept");
    assert.ok(first > 400 && first < 800, `the first kept is ${first}`);
  });

  it("recent items are not kept when one alone takes a quarter of a megabyte, or when they were held before", () => {
    const shared = new RecentItems().share({ signal: "logs", from: 7 });
    shared.addDecoded(encoded(8, 2 ** 18 + 1), {});
    shared.addDecoded(encoded(6, 10), {});
    shared.addDecoded(encoded(9, 10), {});
    assert.deepEqual(
      [6, 8, 9].map((ordinal) => shared.decoded(ordinal) !== undefined),
      [false, false, true],
    );
  });

  it("recent items are apart for each signal, and as shown for each way to show them", () => {
    const recent = new RecentItems();
    const share = (signal: "logs" | "traces", shownAs?: string) => recent.share({ signal, from: 0, shownAs });
    share("logs", "JSON").addDecoded(encoded(1, 10), "log");
    share("logs", "JSON").addShown(1, { value: "{}", byteLength: 2 });
    assert.equal(share("logs").decoded(1), "log");
    assert.equal(share("traces").decoded(1), undefined);
    assert.deepEqual(share("logs", "JSON").shown(1), { value: "{}", byteLength: 2 });
    assert.equal(share("logs", "binary").shown(1), undefined);
    assert.equal(share("traces", "JSON").shown(1), undefined);
    assert.equal(share("logs").shown(1), undefined);
  });
});
