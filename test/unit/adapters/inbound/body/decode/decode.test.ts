import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { inflateSync } from "node:zlib";
import { ByteInput, CorruptInput } from "../../../../../../src/adapters/inbound/body/decode/byte-input.ts";
import { crc32c, xxHash32 } from "../../../../../../src/adapters/inbound/body/decode/checksums.ts";
import {
  DecodedBytes,
  OutputTooLarge,
} from "../../../../../../src/adapters/inbound/body/decode/decoded-bytes.ts";
import { decodeLz4 } from "../../../../../../src/adapters/inbound/body/decode/lz4.ts";
import { decodeSnappy } from "../../../../../../src/adapters/inbound/body/decode/snappy.ts";
import { finish } from "../../../../../support/compress.ts";
import { createRandom } from "../../../../../support/random.ts";

// The samples are one text, compressed by the Go libraries that the Collector uses: see the script beside them.
const samples = new URL("../../../../../conformance/fixtures/compressed/", import.meta.url);
const sample = (name: string) => readFileSync(new URL(name, samples));
const text = inflateSync(sample("text.zlib"));

type Decode = (bytes: Uint8Array, maxBytes: number) => Generator<void, Uint8Array>;

function run(decode: Decode, bytes: Uint8Array, maxBytes = 1_000_000): Uint8Array {
  return finish(decode(bytes, maxBytes));
}

const cases: readonly (readonly [name: string, decode: Decode])[] = [
  ["text.block.snappy", decodeSnappy],
  ["text.framed.snappy", decodeSnappy],
  ["text.lz4", decodeLz4],
  ["text.checksums.lz4", decodeLz4],
];

for (const [name, decode] of cases) {
  describe(`${name}, as the Collector's library wrote it,`, () => {
    test(`${name} of the Collector's library is decoded, up to the limit and not beyond`, () => {
      const whole = run(decode, sample(name), text.byteLength);
      assert.ok(text.equals(whole));
      assert.throws(() => run(decode, sample(name), text.byteLength - 1), OutputTooLarge);
    });

    test(`${name} of the Collector's library is corrupt when it is cut anywhere`, () => {
      const bytes = sample(name);
      // The frames of Snappy have no end mark: a cut between two is not seen.
      const between = name === "text.framed.snappy" ? framesOf(bytes) : new Set([0]);
      for (let end = 0; end < bytes.byteLength; end += 1) {
        if (between.has(end)) continue;
        assert.throws(() => run(decode, bytes.subarray(0, end)), CorruptInput, `cut at ${end}`);
      }
    });

    test(`${name} with any byte changed ends within its limit: as corrupt, too large, or as other bytes`, () => {
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

/** The header of a frame with blocks of up to 4 MiB and no checksums. */
const lz4Header = `04224d18 6070 ${((finish(xxHash32(Buffer.of(0x60, 0x70))) >>> 8) & 0xff).toString(16)}`;
const snappyHeader = "ff060000 734e61507059";

function hex(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part.replaceAll(" ", ""), "hex") : part)),
  );
}

function repeated(count: number, piece: string): Buffer {
  const bytes = hex(piece);
  return Buffer.alloc(count * bytes.byteLength, bytes);
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

test("a changed byte of LZ4 or Snappy is found by the checksum where there is one", () => {
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

/** Bodies of which a byte leads to little output, or none, and others of which a few bytes lead to much. */
const laborious: readonly (readonly [name: string, decode: Decode, bytes: Buffer, length: number])[] = [
  ["skippable frames of LZ4", decodeLz4, repeated(250_000, "502a4d18 00000000"), 0],
  ["empty frames of LZ4", decodeLz4, repeated(200_000, `${lz4Header} 00000000`), 0],
  ["empty blocks of LZ4", decodeLz4, hex(lz4Header, repeated(500_000, "00000080"), "00000000"), 0],
  ["chunks of Snappy to skip", decodeSnappy, hex(snappyHeader, repeated(500_000, "fe000000")), 0],
  ["empty chunks of Snappy", decodeSnappy, hex(snappyHeader, repeated(250_000, "01040000 d8ea82a2")), 0],
  // A length, a literal, and copies of one byte and of 64.
  [
    "copies of one byte of Snappy",
    decodeSnappy,
    hex("818018", "0061", repeated(393_216, "0301000000")),
    393_217,
  ],
  [
    "copies of 64 bytes of Snappy",
    decodeSnappy,
    hex("818080 01", "0061", repeated(32_768, "fe0100")),
    2_097_153,
  ],
];

for (const [name, decode, bytes, length] of laborious) {
  test(`${name} are decoded with a pause for every 128 KiB of input and output, and no more`, () => {
    const steps = decode(bytes, 4_000_000);
    let pauses = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) pauses += 1;
    assert.equal(step.value.byteLength, length);
    const expected = Math.floor((bytes.byteLength + length) / 2 ** 17);
    assert.ok(Math.abs(pauses - expected) <= 1, `${pauses} pauses instead of ${expected}`);
  });
}

test("the checksum of a large LZ4 frame is computed with pauses too", () => {
  const content = Buffer.alloc(8_000_000, createRandom(7).bytes(1_000));
  const size = Buffer.alloc(4);
  const stored = [0, 4_000_000].map((from) => {
    size.writeUInt32LE(2 ** 31 + 4_000_000);
    return Buffer.concat([size, content.subarray(from, from + 4_000_000)]);
  });
  const descriptor = Buffer.of(0x64, 0x70);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(finish(xxHash32(content)));
  const frame = hex(
    "04224d18",
    descriptor,
    Buffer.of((finish(xxHash32(descriptor)) >>> 8) & 0xff),
    ...stored,
    "00000000",
    checksum,
  );
  const steps = decodeLz4(frame, 8_000_000);
  let pauses = 0;
  while (steps.next().done !== true) pauses += 1;
  // After each of two blocks, and in each MiB of the checksum.
  assert.equal(pauses, 2 + 7);
});

test("copies of LZ4 and Snappy that reach into themselves repeat what they copy, however long they are", () => {
  for (const distance of [1, 2, 3, 7, 500, 5_000]) {
    for (const length of [4, 31, 33, 300, 513, 4_097, 100_000]) {
      const output = new DecodedBytes(1_000_000);
      const pattern = createRandom(distance).bytes(distance);
      output.append(new ByteInput(pattern), distance);
      output.repeat(distance, length);
      const expected = Buffer.alloc(distance + length, pattern);
      assert.ok(expected.equals(output.from(0)), `${length} bytes from ${distance} before`);
    }
  }
});

test("a chunk of Snappy frames that becomes more than 64 KiB is corrupt, as its format has it", () => {
  // 65,537 bytes, of which the checksum is right.
  const block = hex("818004", "0061", repeated(1_024, "fe0100"));
  const crc = crc32c(Buffer.alloc(65_537, "a"));
  const header = Buffer.alloc(8);
  header.writeUIntLE(4 + block.byteLength, 1, 3);
  header.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 4);
  assert.throws(() => run(decodeSnappy, hex(snappyHeader, header, block)), CorruptInput);
});

describe("checksums", () => {
  test("checksums of CRC-32C are those of RFC 3720, B.4", () => {
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
    assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
  });

  test("checksums of XXH32 are those of its specification", () => {
    assert.equal(finish(xxHash32(new Uint8Array())), 0x02cc5d05);
    assert.equal(finish(xxHash32(Buffer.from("a"))), 0x550d7456);
    assert.equal(finish(xxHash32(Buffer.from("Nobody inspects the spammish repetition"))), 0xe2293b2f);
  });
});
