import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { Inflater } from "../../../../../src/adapters/inbound/body/inflate.ts";
import { InflightBytes } from "../../../../../src/adapters/inbound/body/inflight-bytes.ts";
import { patient, someCaller } from "../../../../support/awaiting.ts";
import { lz4Frame, snappyFrames } from "../../../../support/compress.ts";
import { createRandom } from "../../../../support/random.ts";

const max = 4 * 1024 * 1024;
/** More than is inflated on the spot. */
const noise = createRandom(1).bytes(100_000);
const compressed = gzipSync(Buffer.concat([noise, Buffer.alloc(1_000_000)]));

describe("inflating", () => {
  for (const [encoding, compress, form = ""] of [
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync, " without a zlib header"],
    ["zlib", deflateSync],
  ] as const) {
    test(`inflating gives the bytes that were compressed by ${encoding}${form}, on the spot and on a thread`, async () => {
      const inflater = new Inflater(new InflightBytes(max), max);
      assert.deepEqual(
        inflater.inflateNow(encoding, compress(noise.subarray(0, 9))),
        Buffer.from(noise.subarray(0, 9)),
      );
      const { bytes } = await inflater.inflate(encoding, compress(noise), 0, patient);
      assert.ok(Buffer.from(noise).equals(bytes));
    });
  }

  for (const [encoding, compress] of [
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
    ["deflate", deflateSync],
    ["snappy", snappyFrames],
    ["lz4", lz4Frame],
  ] as const) {
    for (const [what, extra] of [
      ["letters", Buffer.from("xxxx")],
      ["zeros", Buffer.alloc(4)],
      ["one byte", Buffer.of(0x1f)],
    ] as const) {
      test(`inflating refuses ${what} after the end of ${encoding}, on the spot and on a thread`, async () => {
        const inflight = new InflightBytes(max);
        const inflater = new Inflater(inflight, max);
        const bytes = Buffer.concat([compress(noise.subarray(0, 9)), extra]);
        const refusal = { code: "corrupt-encoding", message: `message is not valid ${encoding}` };
        assert.throws(() => inflater.inflateNow(encoding, bytes), refusal);
        await assert.rejects(inflater.inflate(encoding, bytes, 0, patient), refusal);
        assert.equal(inflight.held, 0);
      });
    }
  }

  for (const [encoding, compress] of [
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
    ["snappy", snappyFrames],
    ["lz4", lz4Frame],
  ] as const) {
    test(`inflating puts several streams of ${encoding} in a row together`, async () => {
      const inflater = new Inflater(new InflightBytes(max), max);
      const halves = [noise.subarray(0, 5), noise.subarray(5, 9)].map((half) => compress(half));
      const bytes = Buffer.concat(halves);
      assert.deepEqual(
        Buffer.from(inflater.inflateNow(encoding, bytes) ?? []),
        Buffer.from(noise.subarray(0, 9)),
      );
      const { bytes: inflated } = await inflater.inflate(encoding, bytes, 0, patient);
      assert.deepEqual(Buffer.from(inflated), Buffer.from(noise.subarray(0, 9)));
    });
  }

  test("inflating counts what it may need before it starts, for two bodies at once, and releases it", async () => {
    const inflight = new InflightBytes(100 * max);
    const inflater = new Inflater(inflight, max);
    const all = Array.from({ length: 20 }, () => inflater.inflate("gzip", compressed, 0, patient));
    let most = 0;
    const finished = all.map(async (one) => {
      const { bytes, release } = await one;
      most = Math.max(most, inflight.held);
      assert.equal(bytes.byteLength, 1_100_000);
      release();
    });
    await Promise.all(finished);
    // Two at their limit, and what was just inflated by one more.
    assert.ok(most >= max && most <= 2 * max + 1_100_000, `${most} bytes`);
    assert.equal(inflight.held, 0);
  });

  test("inflating is refused with a retry hint when there is no room for it beside other requests", async () => {
    const inflight = new InflightBytes(max);
    const inflater = new Inflater(inflight, max);
    inflight.hold(1, 1);
    await assert.rejects(inflater.inflate("gzip", compressed, 0, patient), {
      code: "overloaded",
      retryAfterMs: 1000,
    });
    assert.equal(inflight.held, 1);
    inflight.release(1);
    (await inflater.inflate("gzip", compressed, 0, patient)).release();
    assert.equal(inflight.held, 0);
  });

  test("a small body that becomes large is not inflated on the spot", async () => {
    const inflater = new Inflater(new InflightBytes(max), max);
    const bomb = gzipSync(Buffer.alloc(max));
    assert.ok(bomb.byteLength < 5_000);
    assert.equal(inflater.inflateNow("gzip", bomb), undefined);
    assert.equal((await inflater.inflate("gzip", bomb, 0, patient)).bytes.byteLength, max);
  });

  test("inflating goes on after bodies that are corrupt or too large", async () => {
    const inflight = new InflightBytes(10 * max);
    const inflater = new Inflater(inflight, max);
    const bomb = gzipSync(Buffer.alloc(max + 1));
    const refused = [
      ["corrupt-encoding", noise],
      ["too-large", bomb],
    ] as const;
    await Promise.all(
      [...refused, ...refused, ...refused].map(([code, bytes]) =>
        assert.rejects(inflater.inflate("gzip", bytes, 0, patient), { code }),
      ),
    );
    (await inflater.inflate("gzip", compressed, 0, patient)).release();
    assert.equal(inflight.held, 0);
  });

  test("never more than two bodies are inflated at once, also when one comes the moment another is done", async () => {
    const late: Promise<unknown>[] = [];
    let most = 0;
    class Watched extends InflightBytes {
      override hold(bytes: number, ofRequest: number) {
        const error = super.hold(bytes, ofRequest);
        most = Math.max(most, this.held);
        return error;
      }
      override release(bytes: number) {
        super.release(bytes);
        if (late.length > 0) return;
        late.push(Promise.resolve());
        queueMicrotask(() => late.push(inflater.inflate("gzip", noise, 0, patient).catch(() => {})));
      }
    }
    const inflater = new Inflater(new Watched(100 * max), max);
    // All end with an error, so that nothing but what may be inflated is held.
    const first = Array.from({ length: 4 }, () =>
      inflater.inflate("gzip", noise, 0, patient).catch(() => {}),
    );
    await Promise.all(first);
    await Promise.all(late);
    assert.equal(late.length, 2);
    assert.equal(most, 2 * max);
  });

  test("a body whose caller left is not inflated when its turn comes, nor given on when it was inflated", async () => {
    const inflight = new InflightBytes(10 * max);
    const inflater = new Inflater(inflight, max);
    const callers = Array.from({ length: 4 }, someCaller);
    const inflated = callers.map((caller) => inflater.inflate("gzip", compressed, 0, caller));
    const settled = Promise.allSettled(inflated);
    callers[1]?.leave();
    callers[2]?.leave();
    const [first, ...others] = await settled;
    assert.deepEqual(
      others.map((other) => other.status),
      ["rejected", "rejected", "fulfilled"],
    );
    await assert.rejects(inflated[1] ?? Promise.resolve(), { code: "cancelled" });
    for (const each of [first, others[2]]) if (each?.status === "fulfilled") each.value.release();
    assert.equal(inflight.held, 0);
  });
});
