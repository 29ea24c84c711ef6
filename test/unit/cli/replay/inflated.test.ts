import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { DamagedFile, inflated } from "../../../../src/cli/replay/inflated.ts";

interface Read {
  readonly text: string;
  /** The largest piece. */
  readonly mostBytes: number;
  readonly failure: string | undefined;
}

async function read(...chunks: readonly Uint8Array[]): Promise<Read> {
  const parts: Uint8Array[] = [];
  let failure: string | undefined;
  try {
    for await (const part of inflated(Readable.from(chunks))) parts.push(part);
  } catch (reason) {
    assert.ok(reason instanceof DamagedFile, String(reason));
    failure = reason.message;
  }
  const mostBytes = Math.max(0, ...parts.map(({ byteLength }) => byteLength));
  return { text: Buffer.concat(parts).toString(), mostBytes, failure };
}

const text = randomBytes(100_000).toString("hex");
const zeros = Buffer.alloc(3_000);
/** A frame that readers of zstd pass over (RFC 8878, 3.1.2). */
const skippable = Buffer.from("502a4d1804000000abcd1234", "hex");

describe("the bytes of a file that may be compressed", () => {
  test("the bytes of a file are handed on as they are when they begin like no compression that is known", async () => {
    for (const bytes of ["", "h", "hello", "{}\n", "\x1f\x8b", "\x1f\x8b\x07\x00 no gzip"]) {
      assert.deepEqual((await read(Buffer.from(bytes, "latin1"))).failure, undefined);
      assert.equal((await read(Buffer.from(bytes))).text, bytes);
    }
  });

  for (const [name, compress] of [
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const) {
    const [whole, hello] = [compress(text), compress("hello")];
    const cases: readonly [string, string, readonly Uint8Array[]][] = [
      ["in one piece", text, [whole]],
      ["in pieces of a byte", "hello", [...hello].map((byte) => Uint8Array.of(byte))],
      ["of several parts", `hellohello${text}`, [Buffer.concat([hello, hello, whole])]],
      ["of several parts in pieces", "hellohello", [hello, hello]],
      ["with zeros behind it", "hello", [Buffer.concat([hello, zeros])]],
      ["with zeros in the next piece", "hello", [hello, zeros]],
    ];
    for (const [what, expected, chunks] of cases) {
      test(`the bytes of a file are decompressed when they are ${name} ${what}`, async () => {
        const { text: got, failure } = await read(...chunks);
        assert.equal(failure, undefined);
        assert.ok(got === expected, `${got.length} of ${expected.length} bytes`);
      });
    }

    test(`the bytes of a file of ${name} that is cut are handed on up to the cut, with a word on it`, async () => {
      const { text: got, failure } = await read(whole.subarray(0, -10_000));
      assert.ok(text.startsWith(got) && got.length > text.length / 3, `${got.length}`);
      assert.equal(failure, `its ${name} ends in the middle: it is not whole`);
    });

    test(`the bytes of a file of ${name} with something else behind it are damaged`, async () => {
      const { text: got, failure } = await read(whole, Buffer.from("something else"));
      assert.ok(text.startsWith(got) && got.length > text.length / 3, `${got.length}`);
      assert.match(failure ?? "", new RegExp(`^its ${name} is damaged \\(\\w+\\)$`));
    });
  }

  test("the bytes of a file of zstd may begin with a frame to pass over, and have one between two", async () => {
    const hello = zstdCompressSync("hello");
    const { text: got, failure } = await read(Buffer.concat([skippable, hello, skippable, hello]));
    assert.deepEqual([got, failure], ["hellohello", undefined]);
  });

  test("the bytes of a compressed file come in pieces, however much they become", async () => {
    for (const compress of [gzipSync, zstdCompressSync]) {
      const { text: got, mostBytes } = await read(compress(Buffer.alloc(64 * 2 ** 20, "a")));
      assert.equal(got.length, 64 * 2 ** 20);
      assert.ok(mostBytes <= 2 ** 20, `${mostBytes} bytes`);
    }
  });

  test("the bytes of a file end with the failure of reading them", async () => {
    const failing = Readable.from(
      (async function* () {
        yield gzipSync(text).subarray(0, 5_000);
        throw new Error("disk");
      })(),
    );
    await assert.rejects(async () => {
      for await (const _ of inflated(failing));
    }, /^Error: disk$/);
  });
});
