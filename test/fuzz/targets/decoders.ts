import assert from "node:assert/strict";
import { CorruptInput } from "../../../src/adapters/inbound/body/decode/byte-input.ts";
import { OutputTooLarge } from "../../../src/adapters/inbound/body/decode/decoded-bytes.ts";
import { decodeLz4 } from "../../../src/adapters/inbound/body/decode/lz4.ts";
import { decodeSnappy } from "../../../src/adapters/inbound/body/decode/snappy.ts";
import { lz4Frame, snappyFrames } from "../../support/compress.ts";
import { anyLz4Block, anySnappyBlock, readLz4Block, readSnappyBlock } from "../../support/copy-blocks.ts";
import { mutateBytes } from "../../support/mutate.ts";
import type { FuzzTarget } from "../fuzz-target.ts";

const mostBytes = 5_000;
const lz4Header = lz4Frame(new Uint8Array()).subarray(0, 7);

interface Format {
  readonly decode: (bytes: Uint8Array, maxBytes: number) => Generator<void, Uint8Array>;
  /** From what an input holds to what is decoded. */
  readonly wrap: (bytes: Uint8Array) => Uint8Array;
  /** What has to come of it; undefined when it is corrupt. Of formats with a checksum nothing is told. */
  readonly read?: (bytes: Uint8Array) => Uint8Array | undefined;
}

const asItIs = (bytes: Uint8Array) => bytes;

const formats: readonly Format[] = [
  { decode: decodeSnappy, wrap: asItIs, read: readSnappyBlock },
  { decode: decodeLz4, wrap: inLz4Frame, read: readLz4Block },
  { decode: decodeSnappy, wrap: asItIs },
  { decode: decodeLz4, wrap: asItIs },
];

/**
 * Damaged bodies in the formats that are decoded here: the blocks are decoded as plain readers do, and of whatever else
 * come bytes within the limit, or it is said to be corrupt or too large.
 */
export function openTarget(): FuzzTarget {
  return {
    make(random) {
      const format = random.below(formats.length);
      let bytes: Uint8Array = [
        () => anySnappyBlock(random),
        () => anyLz4Block(random),
        () => snappyFrames(random.bytes(random.below(300))),
        () => lz4Frame(random.bytes(random.below(300))),
      ][format]!();
      for (let i = random.below(4); i > 0; i--) bytes = mutateBytes(bytes, random);
      return Buffer.concat([Buffer.of(format), bytes]);
    },
    check(input) {
      const { decode, wrap, read } = formats[(input[0] ?? 0) % formats.length]!;
      const bytes = input.subarray(1);
      const decoded = tryDecode(decode(wrap(bytes), mostBytes));
      const expected = read?.(bytes);
      if (decoded instanceof OutputTooLarge) return "too large";
      if (decoded instanceof CorruptInput) {
        assert.equal(expected, undefined, "a plain reader can read it");
        return "corrupt";
      }
      assert.ok(decoded.byteLength <= mostBytes);
      if (read !== undefined) assert.deepEqual(Buffer.from(decoded), expected && Buffer.from(expected));
      return "decoded";
    },
    verdicts: ["decoded", "corrupt", "too large"],
  };
}

function tryDecode(steps: Generator<void, Uint8Array>): Uint8Array | CorruptInput | OutputTooLarge {
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  } catch (error) {
    if (error instanceof CorruptInput || error instanceof OutputTooLarge) return error;
    throw error;
  }
}

function inLz4Frame(block: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(block.byteLength);
  return Buffer.concat([lz4Header, size, block, Buffer.alloc(4)]);
}
