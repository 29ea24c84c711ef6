import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Bag } from "../../../../src/adapters/inbound/bag.ts";
import { createRandom } from "../../../support/random.ts";

describe("a bag", () => {
  test("a bag holds what a set holds, whatever is added and deleted", () => {
    const random = createRandom(20261128);
    const elements = Array.from({ length: 20 }, (_, name) => ({ name }));
    const bag = new Bag<{ name: number }>();
    const set = new Set<{ name: number }>();
    for (let step = 0; step < 2_000; step++) {
      const element = elements[random.below(elements.length)];
      assert.ok(element !== undefined);
      if (random.below(2) === 0) {
        assert.equal(bag.delete(element), set.delete(element));
      } else if (!set.has(element)) {
        bag.add(element);
        set.add(element);
      }
      assert.equal(bag.size, set.size);
      assert.deepEqual(new Set(bag.elements()), set);
    }
  });

  test("elements may be deleted while the list of them is gone through", () => {
    const bag = new Bag<object>();
    for (let i = 0; i < 5; i++) bag.add({});
    for (const element of bag.elements()) bag.delete(element);
    assert.equal(bag.size, 0);
  });
});
