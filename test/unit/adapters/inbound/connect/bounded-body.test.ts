import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { InflightBytes } from "../../../../../src/adapters/inbound/body/inflight-bytes.ts";
import { type BodyBounds, BoundedBody } from "../../../../../src/adapters/inbound/connect/bounded-body.ts";
import { ObsvtyError } from "../../../../../src/domain/errors.ts";
import { frame } from "../../../../support/raw-grpc.ts";

const tooSlow = () => new ObsvtyError("request-timeout", "too slow");

function boundsWith(own: Partial<BodyBounds>): BodyBounds {
  const inflight = new InflightBytes(10_000_000);
  return {
    inflight,
    isEnveloped: true,
    maxMessageBytes: 1_000_000,
    timeoutMs: 60_000,
    tooSlow,
    onCut: assert.fail,
    onStuck: assert.fail,
    ...own,
  };
}

/** In chunks of this many bytes. */
function writeChunks(source: PassThrough, bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.byteLength; at += size) source.write(bytes.subarray(at, at + size));
}

async function chunksOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}

describe("the bounded body of a Connect call", () => {
  for (const [name, isEnveloped, bytes] of [
    ["a body without a prefix", false, Buffer.alloc(100_000, "x")],
    ["a message with a prefix", true, frame(Buffer.alloc(100_000, "x"))],
  ] as const) {
    it(`the body of a Connect call gives ${name} out in a few chunks when it arrives in thousands`, async () => {
      const source = new PassThrough();
      const body = new BoundedBody(source, boundsWith({ isEnveloped }));
      const reading = chunksOf(body);
      writeChunks(source, bytes, 20);
      source.end();
      const chunks = await reading;
      assert.ok(chunks.length < 20, `${chunks.length} chunks`);
      assert.ok(Buffer.concat(chunks).equals(bytes));
      body.end();
    });
  }

  it("a Connect call whose body comes in thousands of chunks of one byte is cut", async () => {
    const source = new PassThrough();
    const cuts: ObsvtyError[] = [];
    const body = new BoundedBody(source, boundsWith({ onCut: (error) => cuts.push(error) }));
    const reading = chunksOf(body);
    writeChunks(source, frame(Buffer.alloc(10_000)), 1);
    await assert.rejects(reading, /in more than 1,024 pieces, of less than 16 bytes on average/);
    assert.deepEqual(
      cuts.map(({ code }) => code),
      ["protocol-error"],
    );
    body.end();
  });

  it("the body of a Connect call counts what arrives behind a message of a stream while nobody asks for more", async () => {
    const source = new PassThrough();
    const inflight = new InflightBytes(10_000_000);
    const body = new BoundedBody(source, boundsWith({ inflight, idleTimeoutMs: 60_000 }));
    const messages = body[Symbol.asyncIterator]();
    for (const bytes of [10, 5_000, 6_000]) source.write(frame(Buffer.alloc(bytes)));
    await messages.next();
    await new Promise(setImmediate);
    assert.equal(inflight.held, 5_005 + 6_005);
    await messages.next();
    await new Promise(setImmediate);
    assert.equal(inflight.held, 6_005);
    body.end();
    assert.equal(inflight.held, 0);
  });

  it("a Connect call whose messages nobody takes is ended when there is no room for them", async () => {
    const source = new PassThrough();
    const inflight = new InflightBytes(10_000);
    inflight.hold(9_000, 9_000);
    const cuts: string[] = [];
    const onCut = ({ code }: ObsvtyError) => cuts.push(code);
    const onStuck = () => cuts.push("ended");
    const body = new BoundedBody(source, boundsWith({ inflight, idleTimeoutMs: 60_000, onCut, onStuck }));
    const messages = body[Symbol.asyncIterator]();
    for (const bytes of [10, 5_000]) source.write(frame(Buffer.alloc(bytes)));
    await messages.next();
    await new Promise(setImmediate);
    assert.deepEqual(cuts, ["overloaded", "ended"]);
    body.end();
    assert.equal(inflight.held, 9_000);
  });

  it("the body of a Connect call keeps little of a stream in the source's queue while nobody reads the next message", async () => {
    const source = new PassThrough({ highWaterMark: 100 });
    const body = new BoundedBody(source, boundsWith({ idleTimeoutMs: 60_000 }));
    const messages = body[Symbol.asyncIterator]();
    source.write(frame(Buffer.alloc(10)));
    assert.equal((await messages.next()).value?.byteLength, 15);
    source.write(frame(Buffer.alloc(20)));
    await new Promise(setImmediate);
    // One message waits to be fetched, and the source is held back meanwhile.
    assert.ok(source.isPaused());
    assert.equal((await messages.next()).value?.byteLength, 25);
    body.end();
  });

  it("the body of a Connect call gives out a message over the limit before it has arrived to its end", async () => {
    const source = new PassThrough();
    const body = new BoundedBody(source, boundsWith({ maxMessageBytes: 10 }));
    source.write(frame(Buffer.alloc(100)).subarray(0, 50));
    assert.equal((await body[Symbol.asyncIterator]().next()).value?.byteLength, 50);
    body.end();
  });

  it("the body of a Connect call fails once when more chunks arrive after it was cut", async () => {
    const source = new PassThrough();
    const cuts: ObsvtyError[] = [];
    const inflight = new InflightBytes(10);
    inflight.hold(1, 1);
    const body = new BoundedBody(source, boundsWith({ inflight, onCut: (error) => cuts.push(error) }));
    writeChunks(source, Buffer.alloc(100), 1);
    await assert.rejects(chunksOf(body), /reading more than 10 bytes/);
    assert.deepEqual(
      cuts.map(({ code }) => code),
      ["overloaded"],
    );
    body.end();
    assert.equal(inflight.held, 1);
  });
});
