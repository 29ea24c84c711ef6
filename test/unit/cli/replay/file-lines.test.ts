import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { linesOf } from "../../../../src/cli/replay/file-lines.ts";

async function read(text: string, chunkBytes: number, maxBytes = 1_000): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const lines: unknown[] = [];
  for await (const { number, bytes: line, isLast } of linesOf(chunks(), maxBytes)) {
    lines.push([number, line === undefined ? undefined : Buffer.from(line).toString(), isLast]);
  }
  return lines;
}

describe("the lines of a stream", () => {
  test("the lines of a stream are the same whatever the chunks are, and the last one may lack its newline", async () => {
    for (const chunkBytes of [1, 2, 3, 100]) {
      assert.deepEqual(await read("a\n\nbcd\r\ne", chunkBytes), [
        [1, "a", false],
        [2, "", false],
        [3, "bcd\r", false],
        [4, "e", true],
      ]);
      assert.deepEqual(await read("", chunkBytes), []);
      assert.deepEqual(await read("a\n", chunkBytes), [[1, "a", false]]);
    }
  });

  test("lines of a stream that are too long are skipped, and the others are read", async () => {
    const text = `${"x".repeat(11)}\nabc\n${"y".repeat(10)}\n${"z".repeat(50)}`;
    for (const chunkBytes of [1, 7, 100]) {
      assert.deepEqual(await read(text, chunkBytes, 10), [
        [1, undefined, false],
        [2, "abc", false],
        [3, "y".repeat(10), false],
        [4, undefined, false],
      ]);
    }
  });

  test("lines of a stream that are too long are told as soon as they are, though they do not end", async () => {
    let left = 20;
    async function* chunks() {
      for (; left > 0; left--) yield Buffer.alloc(10);
    }
    for await (const { number, bytes } of linesOf(chunks(), 45)) {
      assert.deepEqual([number, bytes, left], [1, undefined, 16]);
    }
    assert.equal(left, 0);
  });
});
