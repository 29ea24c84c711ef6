import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allPages, type PageRequest } from "../../../../src/cli/api/pages.ts";

/** A server that holds the numbers 0 to `count - 1`, and answers at most three of them. */
function serverOf(count: number) {
  const requests: PageRequest[] = [];
  const read = async (request: PageRequest) => {
    requests.push(request);
    const size = Math.min(3, request.limit);
    const to = request.before === "" ? count : Number(request.before);
    const from = request.after === "" ? Math.max(0, to - size) : Number(request.after);
    const next = Math.min(to, from + size);
    const items = Array.from({ length: Math.max(0, next - from) }, (_, i) => from + i);
    const cursor = request.after === "" ? String(to) : String(next);
    return { items, cursor, previous: from > 0 ? String(from) : "", missed: 1n, unreadable: 2n };
  };
  return { read, requests };
}

describe("allPages", () => {
  it("paging goes back until it has as many of the newest items as were asked for", async () => {
    const { read, requests } = serverOf(20);
    const { items, cursor, missed } = await allPages({ limit: 8, after: "" }, read);
    assert.deepEqual([items, cursor, missed], [[12, 13, 14, 15, 16, 17, 18, 19], "20", 1n]);
    assert.deepEqual(
      requests.map(({ limit }) => limit),
      [8, 5, 2],
    );
  });

  it("paging goes back no further than to the oldest item", async () => {
    const { read, requests } = serverOf(5);
    assert.deepEqual((await allPages({ limit: 100, after: "" }, read)).items, [0, 1, 2, 3, 4]);
    assert.equal(requests.length, 2);
  });

  it("paging goes on from a cursor until it has as many items as were asked for, or there are no more", async () => {
    assert.deepEqual((await allPages({ limit: 5, after: "2" }, serverOf(20).read)).items, [2, 3, 4, 5, 6]);
    const { items, cursor, missed, unreadable } = await allPages(
      { limit: 100, after: "2" },
      serverOf(6).read,
    );
    assert.deepEqual([items, cursor, missed, unreadable], [[2, 3, 4, 5], "6", 3n, 6n]);
  });
});
