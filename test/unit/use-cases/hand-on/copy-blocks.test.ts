import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CopyBlocks } from "../../../../src/use-cases/hand-on/copy-blocks.ts";

function requestIn(bytes: Uint8Array) {
  return [{ firstOrdinal: 0, items: 1, bytes }];
}

describe("the memory of copies", () => {
  test("the memory of copies is used again once nobody reads it", () => {
    const blocks = new CopyBlocks(1_000, 2);
    const first = blocks.allocate(900);
    assert.notEqual(blocks.allocate(900).buffer, first.buffer);
    blocks.giveBack(requestIn(first.subarray(100, 200)), true);
    const second = blocks.allocate(700);
    assert.equal(second.buffer, first.buffer);
    assert.equal(second.byteLength, 700);
  });

  test("the memory of copies is not used again while somebody may read it, and another block takes its place", () => {
    const blocks = new CopyBlocks(1_000, 1);
    const first = blocks.allocate(900);
    blocks.giveBack(requestIn(first), false);
    const second = blocks.allocate(900);
    assert.notEqual(second.buffer, first.buffer);
    blocks.giveBack(requestIn(second), true);
    assert.equal(blocks.allocate(900).buffer, second.buffer);
  });

  test("the memory of copies is given back once, however many requests lie in it, and however often", () => {
    const blocks = new CopyBlocks(1_000, 4);
    const first = blocks.allocate(900);
    blocks.giveBack([...requestIn(first.subarray(0, 10)), ...requestIn(first.subarray(10))], true);
    blocks.giveBack(requestIn(first), true);
    assert.notEqual(blocks.allocate(900).buffer, blocks.allocate(900).buffer);
  });

  test("the memory of a copy is as long as the copy when that is much shorter than a block, or longer, or one too many", () => {
    const blocks = new CopyBlocks(1_000, 1);
    blocks.allocate(500);
    for (const byteLength of [0, 1, 249, 500, 1_001]) {
      assert.equal(blocks.allocate(byteLength).buffer.byteLength, byteLength);
    }
  });
});
