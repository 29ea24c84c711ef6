import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as layout from "../../../../../src/adapters/outbound/ring-buffer/index-layout.ts";
import { layOutMemory } from "../../../../../src/adapters/outbound/ring-buffer/memory-layout.ts";
import { RingIndex } from "../../../../../src/adapters/outbound/ring-buffer/ring-index.ts";
import { signals } from "../../../../../src/domain/signal.ts";
import { ROW_TIME } from "../../../../../src/otlp/scan/layout.ts";
import { Scanner } from "../../../../../src/otlp/scan/scanner.ts";
import { reserveMemory } from "../../../../../src/otlp/scan/web-assembly-module.ts";
import { createRandom } from "../../../../support/random.ts";
import { fixed64, lengthDelimited } from "../../../../support/wire.ts";

const maxItems = 5_000;

/** An index of log records alone, beside an array of their times, which count up. */
function openIndex(firstRow: number) {
  const memoryLayout = layOutMemory({ maxItems, maxBytes: 65_536, maxRequestBytes: 100_000 });
  const memory = reserveMemory(memoryLayout.byteLength);
  const scanner = new Scanner(memory, 0);
  const index = new RingIndex(memory, scanner, memoryLayout, maxItems);
  const ring = (layout.RINGS + signals.indexOf("logs") * layout.RING_BYTES) / 4;
  scanner.words[ring + layout.RING_NEXT / 4] = firstRow;
  const held: number[] = [];
  let next = 1;
  return {
    held,
    /** How many segments were ever taken. */
    segments: () => scanner.words[ring + layout.RING_FRESH / 4] ?? 0,
    push(count: number): void {
      const times = Array.from({ length: count }, () => next++);
      const records = times.map((time) => lengthDelimited(2, fixed64(1, BigInt(time))));
      const bytes = lengthDelimited(1, lengthDelimited(2, ...records));
      const { short } = memoryLayout;
      scanner.bytes.set(bytes, short.at);
      assert.equal(scanner.scan("logs", bytes.byteLength, short).kind, "sound");
      index.commit("logs", count, short, scanner.stagedNext, 0);
      held.push(...times);
      held.splice(0, Math.max(0, held.length - maxItems));
    },
    evict(count: number): void {
      index.evict("logs", count);
      held.splice(0, count);
    },
    /** The time of a row. @param fromNewest 1 for the newest */
    timeOf: (fromNewest: number) => scanner.words[(index.rowAt("logs", fromNewest) + ROW_TIME) / 4],
    /** The times of the rows that are found from this time on, before another. */
    find(since: number, until: number, order: "oldest" | "newest"): number[] {
      const criteria = { sinceUnixNano: BigInt(since), untilUnixNano: BigInt(until) };
      const window = { from: 0, to: held.length, order, limit: 4_000 };
      return index.find("logs", criteria, window).found.map((position) => held[position] ?? 0);
    },
  };
}

describe("the rows of a ring are those that were kept last", () => {
  for (const [where, firstRow] of [
    ["from the first one on", 0],
    ["when their numbers run over 32 bits", 2 ** 32 - 2 * layout.SEGMENT_ROWS],
  ] as const) {
    test(`the rows of a ring are those that were kept last, ${where}`, () => {
      const random = createRandom(7);
      const { held, push, evict, timeOf, find } = openIndex(firstRow);
      for (let round = 0; round < 150; round++) {
        push(1 + random.below(random.below(4) === 0 ? 2_500 : 200));
        if (random.below(3) === 0) evict(random.below(held.length + 1));
        for (const fromNewest of [1, 2, held.length - 1, held.length, 1 + random.below(maxItems)]) {
          if (fromNewest < 1 || fromNewest > held.length) continue;
          assert.equal(timeOf(fromNewest), held.at(-fromNewest), `round ${round}`);
        }
        const since = (held[0] ?? 0) + random.below(maxItems);
        const expected = held.filter((time) => time >= since && time < since + 1_500);
        assert.deepEqual(find(since, since + 1_500, "oldest"), expected, `round ${round}`);
        assert.deepEqual(find(since, since + 1_500, "newest"), expected, `round ${round}`);
      }
    });
  }

  test("the rows of a ring take no more of the memory than they need", () => {
    const { push, evict, held, segments } = openIndex(0);
    for (let round = 0; round < 100; round++) {
      push(900);
      evict(held.length - 100);
    }
    assert.equal(segments(), 2);
    for (let round = 0; round < 20; round++) push(900);
    assert.equal(segments(), Math.ceil(maxItems / layout.SEGMENT_ROWS) + 1);
  });
});
