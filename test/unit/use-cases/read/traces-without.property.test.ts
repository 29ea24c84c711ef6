import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RingStore } from "../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import type { SpanFilter } from "../../../../src/domain/filter.ts";
import type { TraceId } from "../../../../src/domain/ids.ts";
import { keep, spansWith } from "../../../contract/store-requests.ts";
import { makeAttributes } from "../../../support/otlp-attributes.ts";
import { buildReader } from "../../../support/reader.ts";

/** A span as the oracle knows it. */
interface PlainSpan {
  readonly trace: number;
  readonly name: string;
  readonly status: number;
  readonly took: number;
  readonly user: string;
}

const hex = (trace: number) => Buffer.alloc(16, trace + 1).toString("hex") as TraceId;
const pools = { name: ["GET", "POST", "query"], user: ["", "u1", "u2"] } as const;

const span: fc.Arbitrary<PlainSpan> = fc.record({
  trace: fc.nat(7),
  name: fc.constantFrom(...pools.name),
  status: fc.nat(2),
  took: fc.nat(3),
  user: fc.constantFrom(...pools.user),
});

/** A filter, and the same in the oracle's words. */
interface Wanted {
  readonly filter: SpanFilter;
  readonly isMet: (span: PlainSpan) => boolean;
}

const wanted: fc.Arbitrary<Wanted> = fc
  .record(
    {
      name: fc.constantFrom(...pools.name),
      part: fc.constantFrom("e", "ST", "no such part"),
      status: fc.nat(2),
      least: fc.nat(3),
      user: fc.constantFrom("u1", "u2"),
      where: fc.constantFrom("GET", "query"),
      trace: fc.nat(7),
    },
    { requiredKeys: [] },
  )
  .map(({ name, part, status, least, user, where, trace }) => ({
    filter: {
      ...(name !== undefined && { name }),
      ...(part !== undefined && { nameContains: part }),
      ...(status !== undefined && { statusCode: status }),
      ...(least !== undefined && { minDurationNano: BigInt(least) }),
      ...(user !== undefined && { attributes: new Map([["user.id", user]]) }),
      ...(where !== undefined && { where: (item: object) => "name" in item && item.name === where }),
      ...(trace !== undefined && { traceId: hex(trace) }),
    },
    isMet: (one) =>
      (name === undefined || one.name === name) &&
      (part === undefined || one.name.toLowerCase().includes(part.toLowerCase())) &&
      (status === undefined || one.status === status) &&
      (least === undefined || one.took >= least) &&
      (user === undefined || one.user === user) &&
      (where === undefined || one.name === where) &&
      (trace === undefined || one.trace === trace),
  }));

const requestOf = (spans: readonly PlainSpan[]) =>
  spansWith(
    ...spans.map(({ trace, name, status, took, user }) => ({
      traceId: Buffer.from(hex(trace), "hex"),
      name,
      status: { code: status as never },
      startTimeUnixNano: 100n,
      endTimeUnixNano: 100n + BigInt(took),
      attributes: makeAttributes(user === "" ? {} : { "user.id": user }),
    })),
  );

/** The ids of the traces that are listed, by their newest span that matches. */
function listed(held: readonly PlainSpan[], filter: Wanted, without: readonly Wanted[]): string[] {
  const newest = new Map<number, number>();
  for (const [i, one] of held.entries()) if (filter.isMet(one)) newest.set(one.trace, i);
  const isLeftOut = (trace: number) =>
    held.some((one) => one.trace === trace && without.some(({ isMet }) => isMet(one)));
  return [...newest]
    .filter(([trace]) => !isLeftOut(trace))
    .sort(([, one], [, other]) => one - other)
    .map(([trace]) => hex(trace));
}

const maxItems = 40;
const stores = {
  "a plain store": () => ({ maxItems }),
  "the ring": () => ({
    store: new RingStore({ maxItems, maxBytes: 1 << 20, maxRequestBytes: 1 << 16 }),
  }),
};

describe("a search of traces without others, beside a plain search", () => {
  for (const [name, storeOf] of Object.entries(stores)) {
    it(`a search in ${name} lists the traces that match and have no span that is excluded, paged in either direction`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(span, { maxLength: 60 }),
          wanted,
          fc.array(wanted, { maxLength: 3 }),
          fc.integer({ min: 1, max: 9 }),
          async (spans, filter, without, limit) => {
            const { reader, store } = buildReader({ ...storeOf(), pace: { maxItems: 3 } });
            const start = reader.newestCursor();
            // In requests of a few spans, so that the oldest are evicted one after the other.
            for (let at = 0; at < spans.length; at += 5) {
              keep(store, "traces", requestOf(spans.slice(at, at + 5)));
            }
            const query = { filter: filter.filter, without: without.map((one) => one.filter), limit };
            const expected = listed(spans.slice(-maxItems), filter, without);
            const back: string[] = [];
            for (let before: string | undefined; before !== ""; ) {
              const page = await reader.searchTraces({ ...query, before });
              assert.ok(page.items.length <= limit);
              back.unshift(...page.items.map(({ traceId }) => traceId));
              before = page.previous;
            }
            assert.deepEqual(back, expected);
            const on: string[] = [];
            for (let after = start; ; ) {
              const page = await reader.searchTraces({ ...query, after });
              if (page.items.length === 0) break;
              on.push(...page.items.map(({ traceId }) => traceId));
              after = page.cursor;
            }
            assert.deepEqual(on, expected);
          },
        ),
        { numRuns: 300 },
      );
    });
  }
});
