import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { joinBody } from "../../../../../src/adapters/inbound/body/body.ts";
import { ChunkList } from "../../../../../src/adapters/inbound/body/chunk-list.ts";
import { createRandom } from "../../../../support/random.ts";

/** The bytes that the chunks keep alive, which may be more than the chunks have. */
function heldBytes({ chunks }: ChunkList): number {
  return [...new Set(chunks.map(({ buffer }) => buffer))].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
}

describe("the chunks of a body", () => {
  test("the chunks of a body, of one byte each, cost at most twice its bytes", () => {
    const socketBuffer = Buffer.alloc(1_000_000, 7);
    const list = new ChunkList();
    for (let i = 0; i < socketBuffer.byteLength; i++) list.add(Uint8Array.of(socketBuffer[i] ?? 0));
    list.close();
    assert.ok(list.chunks.length < 30, `${list.chunks.length} chunks`);
    assert.ok(heldBytes(list) <= 2 * list.byteLength);
    assert.ok(Buffer.from(joinBody(list)).equals(socketBuffer));
  });

  test("a chunk of one byte does not keep the buffer alive that it was read into", () => {
    const list = new ChunkList();
    for (let i = 0; i < 100; i++) list.add(Buffer.alloc(65_536).subarray(0, 1));
    list.close();
    assert.ok(heldBytes(list) <= 2 * 65_536 + 2_048);
  });

  test("large and tiny chunks in turns keep at most twice the bytes of the body alive", () => {
    const list = new ChunkList();
    for (let i = 0; i < 500; i++) {
      list.add(Buffer.allocUnsafeSlow(4_096));
      list.add(Uint8Array.of(i));
    }
    list.close();
    assert.ok(heldBytes(list) <= 2 * list.byteLength, `${heldBytes(list)} of ${list.byteLength} bytes`);
  });

  test("the chunks of a body are not copied when they are large, or when no more than two are small", () => {
    const chunks = [Buffer.alloc(5), Buffer.alloc(16_384), Buffer.alloc(16_384), Buffer.alloc(1_000)];
    const list = new ChunkList();
    for (const chunk of chunks) list.add(chunk);
    list.close();
    assert.deepEqual(
      list.chunks.map((chunk, i) => chunk === chunks[i]),
      [true, true, true, true],
    );
  });

  test("the chunks of a body keep every byte in its order, whatever their sizes are", () => {
    const random = createRandom(20261126);
    for (let round = 0; round < 200; round++) {
      const list = new ChunkList();
      const sent: Buffer[] = [];
      for (let count = random.below(40); count > 0; count--) {
        const chunk = Buffer.alloc(random.below(random.below(2) === 0 ? 10 : 5_000), random.below(256));
        sent.push(chunk);
        list.add(chunk);
      }
      list.close();
      const whole = Buffer.concat(sent);
      assert.equal(list.byteLength, whole.byteLength);
      assert.ok(Buffer.concat(list.chunks).equals(whole));
    }
  });
});
