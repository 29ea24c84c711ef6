import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { inflateSync } from "node:zlib";
import { CorruptInput } from "../../../../../../src/adapters/inbound/body/decode/byte-input.ts";
import { crc32c, xxHash32 } from "../../../../../../src/adapters/inbound/body/decode/checksums.ts";
import { OutputTooLarge } from "../../../../../../src/adapters/inbound/body/decode/decoded-bytes.ts";
import { decodeLz4 } from "../../../../../../src/adapters/inbound/body/decode/lz4.ts";
import { decodeSnappy } from "../../../../../../src/adapters/inbound/body/decode/snappy.ts";
import { createRandom } from "../../../../../support/random.ts";

// The samples are one text, compressed by the Go libraries that the Collector uses: see the script beside them.
const samples = new URL("../../../../../conformance/fixtures/compressed/", import.meta.url);
const sample = (name: string) => readFileSync(new URL(name, samples));
const text = inflateSync(sample("text.zlib"));

type Decode = (bytes: Uint8Array, maxBytes: number) => Generator<void, Uint8Array>;

function run(decode: Decode, bytes: Uint8Array, maxBytes = 1_000_000): Uint8Array {
  const steps = decode(bytes, maxBytes);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const cases: readonly (readonly [name: string, decode: Decode])[] = [
  ["text.block.snappy", decodeSnappy],
  ["text.framed.snappy", decodeSnappy],
  ["text.lz4", decodeLz4],
  ["text.checksums.lz4", decodeLz4],
];

for (const [name, decode] of cases) {
  describe(`${name}, as the Collector's library wrote it,`, () => {
    test("is decoded, up to the limit and not beyond", () => {
      const whole = run(decode, sample(name), text.byteLength);
      assert.ok(text.equals(whole));
      assert.throws(() => run(decode, sample(name), text.byteLength - 1), OutputTooLarge);
    });

    test("is corrupt when it is cut anywhere", () => {
      const bytes = sample(name);
      // The frames of Snappy have no end mark: a cut between two is not seen.
      const between = name === "text.framed.snappy" ? framesOf(bytes) : new Set([0]);
      for (let end = 0; end < bytes.byteLength; end += 1) {
        if (between.has(end)) continue;
        assert.throws(() => run(decode, bytes.subarray(0, end)), CorruptInput, `cut at ${end}`);
      }
    });

    test("with any byte changed ends within its limit: as corrupt, too large, or as other bytes", () => {
      const random = createRandom(20261126);
      for (let round = 0; round < 3_000; round++) {
        const bytes = Buffer.from(sample(name));
        for (let changes = 1 + random.below(3); changes > 0; changes--) {
          bytes[random.below(bytes.byteLength)] = random.below(256);
        }
        try {
          assert.ok(run(decode, bytes, 20_000).byteLength <= 20_000);
        } catch (error) {
          assert.ok(error instanceof CorruptInput || error instanceof OutputTooLarge, String(error));
        }
      }
    });
  });
}

/** The ends of the chunks. */
function framesOf(bytes: Buffer): Set<number> {
  const ends = new Set([0]);
  for (let at = 0; at < bytes.byteLength; ) {
    at += 4 + bytes.readUIntLE(at + 1, 3);
    ends.add(at);
  }
  return ends;
}

test("a changed byte is found by the checksum where there is one", () => {
  for (const [name, decode] of cases.filter(([name]) => name !== "text.block.snappy")) {
    const bytes = Buffer.from(sample(name));
    const at = bytes.indexOf("cart");
    bytes[at] = 0x43;
    assert.throws(() => run(decode, bytes), CorruptInput, name);
  }
});

test("a bomb in LZ4 or Snappy ends at the limit", () => {
  // One literal, and a copy of it whose length goes on: 255 bytes of output for each byte.
  const frame = sample("text.lz4").subarray(0, 7);
  const sequence = Buffer.concat([
    Uint8Array.of(0x1f, 0x61, 1, 0),
    Buffer.alloc(60_000, 255),
    Uint8Array.of(0),
  ]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(sequence.byteLength);
  assert.throws(() => run(decodeLz4, Buffer.concat([frame, size, sequence]), 100_000), OutputTooLarge);
  // A block that declares 4 GiB less one.
  assert.throws(() => run(decodeSnappy, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)), OutputTooLarge);
});

test("large output is decoded in pieces", () => {
  // A literal and copies of 64 bytes each.
  const count = 20_000;
  const length = 1 + 64 * count;
  const varint = [(length & 127) | 128, ((length >> 7) & 127) | 128, (length >> 14) | 0];
  const copies = Buffer.alloc(3 * count, Uint8Array.of(0xfe, 1, 0));
  const bytes = Buffer.concat([Uint8Array.from(varint), Uint8Array.of(0, 0x61), copies]);
  const steps = decodeSnappy(bytes, 2_000_000);
  let pieces = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) pieces += 1;
  assert.equal(step.value.byteLength, length);
  assert.equal(pieces, 4);
});

describe("checksums", () => {
  test("of CRC-32C are those of RFC 3720, B.4", () => {
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
    assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
  });

  test("of XXH32 are those of its specification", () => {
    assert.equal(xxHash32(new Uint8Array()), 0x02cc5d05);
    assert.equal(xxHash32(Buffer.from("a")), 0x550d7456);
    assert.equal(xxHash32(Buffer.from("Nobody inspects the spammish repetition")), 0xe2293b2f);
  });
});
