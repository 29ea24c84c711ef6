import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LargeSet } from "../../../../src/use-cases/read/large-set.ts";
import { calibration, longestStep } from "../../../support/step-times.ts";

const texts = Array.from({ length: 1_100_000 }, (_, i) => `trace ${i}`);

describe("a large set", () => {
  test("a large set has what was added to it, and nothing else", () => {
    const set = new LargeSet();
    for (const text of texts) set.add(text);
    assert.ok(texts.every((text) => set.has(text)));
    assert.ok(!set.has("trace"));
    assert.ok(!new LargeSet().has(""));
  });

  test("adding a million texts, 500 in each turn, holds up no turn of the event loop", () => {
    const took = longestStep(() => {
      const set = new LargeSet();
      let at = 0;
      return {
        next: () => {
          for (const end = at + 500; at < end; at++) set.add(texts[at]!);
          return { done: at >= texts.length, value: undefined };
        },
      };
    });
    assert.ok(took < calibration(), `${took} ms`);
  });
});
