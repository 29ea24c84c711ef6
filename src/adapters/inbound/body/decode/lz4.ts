import { ByteInput, CorruptInput } from "./byte-input.ts";
import { xxHash32 } from "./checksums.ts";
import { DecodedBytes, OutputTooLarge } from "./decoded-bytes.ts";
import { Pauses } from "./pauses.ts";

const FRAME_MAGIC = 0x184d2204;
/** The first of sixteen magic numbers of frames to skip. */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** The shortest copy. */
const MIN_MATCH = 4;

/**
 * Undoes LZ4 in its frame format (lz4_Frame_format.md), which is what the Collector writes. Yields between pieces of
 * the work.
 * @throws CorruptInput, OutputTooLarge
 */
export function* decodeLz4(bytes: Uint8Array, maxBytes: number): Generator<void, Uint8Array<ArrayBuffer>> {
  const input = new ByteInput(bytes);
  const output = new DecodedBytes(maxBytes);
  const pauses = new Pauses(output);
  while (!input.isAtEnd) {
    const magic = input.number(4);
    if (magic === FRAME_MAGIC) yield* decodeFrame(input, output, pauses);
    else if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) input.take(input.number(4));
    else throw new CorruptInput("no LZ4 frame");
    if (pauses.isDue(input)) yield;
  }
  return output.from(0);
}

function* decodeFrame(input: ByteInput, output: DecodedBytes, pauses: Pauses): Generator<void> {
  const header = yield* readHeader(input);
  const start = output.length;
  for (;;) {
    const size = input.number(4);
    if (size === 0) break;
    const isStored = size >= 2 ** 31;
    const block = input.part(isStored ? size - 2 ** 31 : size);
    if (header.hasBlockChecksums && (yield* xxHash32(block.rest())) !== input.number(4)) {
      throw new CorruptInput("a wrong checksum of a block");
    }
    const blockStart = output.length;
    if (isStored) output.append(block, block.left);
    else yield* decodeBlock(block, output, pauses);
    if (output.length - blockStart > header.maxBlockBytes) throw new CorruptInput("a block is too long");
    if (pauses.isDue(input)) yield;
  }
  const content = output.from(start);
  if (header.contentBytes !== undefined && header.contentBytes !== content.byteLength) {
    throw new CorruptInput("not the length that the frame declares");
  }
  if (header.hasContentChecksum && (yield* xxHash32(content)) !== input.number(4)) {
    throw new CorruptInput("a wrong checksum");
  }
}

interface FrameHeader {
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly maxBlockBytes: number;
  readonly contentBytes: number | undefined;
}

function* readHeader(input: ByteInput): Generator<void, FrameHeader> {
  const start = input.at;
  const flags = input.byte();
  const blockSizeCode = (input.byte() >>> 4) & 7;
  const isVersion1 = flags >>> 6 === 1;
  const hasDictionary = (flags & 0x01) !== 0;
  if (!isVersion1 || hasDictionary || blockSizeCode < 4) throw new CorruptInput("an unknown kind of frame");
  const contentBytes = (flags & 0x08) === 0 ? undefined : input.number(4) + input.number(4) * 2 ** 32;
  const checksum = ((yield* xxHash32(input.between(start, input.at))) >>> 8) & 0xff;
  if (input.byte() !== checksum) throw new CorruptInput("a wrong checksum of the header");
  return {
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0,
    // 64 KiB, 256 KiB, 1 MiB or 4 MiB.
    maxBlockBytes: 2 ** (8 + 2 * blockSizeCode),
    contentBytes,
  };
}

/** The block that fills the input (lz4_Block_format.md). */
function* decodeBlock(input: ByteInput, output: DecodedBytes, pauses: Pauses): Generator<void> {
  for (;;) {
    const token = input.byte();
    output.append(input, readLength(input, token >>> 4, output.room));
    // The last sequence has literals alone.
    if (input.isAtEnd) return;
    const distance = input.number(2);
    output.repeat(distance, MIN_MATCH + readLength(input, token & 15, output.room));
    if (pauses.isDue(input)) yield;
  }
}

/**
 * Four bits, and more bytes when all of them are set.
 * @throws CorruptInput, OutputTooLarge
 */
function readLength(input: ByteInput, bits: number, room: number): number {
  let length = bits;
  if (bits < 15) return length;
  for (;;) {
    const byte = input.byte();
    length += byte;
    if (byte < 255) return length;
    if (length > room) throw new OutputTooLarge();
  }
}
