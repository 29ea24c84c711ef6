import { ByteInput, CorruptInput } from "./byte-input.ts";
import { crc32c } from "./checksums.ts";
import { DecodedBytes, OutputTooLarge } from "./decoded-bytes.ts";
import { Pauses } from "./pauses.ts";

/** The first chunk of the framing format (google/snappy, framing_format.txt). No block begins like this. */
const streamIdentifier = Uint8Array.of(0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
/** What a chunk of the framing format may become (framing_format.txt, 4.2). */
const MAX_CHUNK_BYTES = 65_536;

/**
 * Undoes Snappy, in the framing format or as one block. Both are sent under the name `snappy`: the Collector writes
 * frames over gRPC, and over HTTP it wrote frames before it wrote blocks, so its receiver looks at the first bytes
 * too (opentelemetry-collector, pull request 12911). Yields between pieces of the work.
 * @throws CorruptInput, OutputTooLarge
 */
export function* decodeSnappy(bytes: Uint8Array, maxBytes: number): Generator<void, Uint8Array<ArrayBuffer>> {
  const input = new ByteInput(bytes);
  const output = new DecodedBytes(maxBytes);
  const pauses = new Pauses(output);
  const isFramed = streamIdentifier.every((byte, index) => bytes[index] === byte);
  if (isFramed) yield* decodeFrames(input, output, pauses);
  else yield* decodeBlock(input, output, pauses);
  return output.from(0);
}

function* decodeFrames(input: ByteInput, output: DecodedBytes, pauses: Pauses): Generator<void> {
  while (!input.isAtEnd) {
    const type = input.byte();
    const chunk = input.part(input.number(3));
    if (type === 0x00 || type === 0x01) {
      const checksum = chunk.number(4);
      const start = output.length;
      if (type === 0x00) yield* decodeBlock(chunk, output, pauses);
      else output.append(chunk, chunk.left);
      if (output.length - start > MAX_CHUNK_BYTES) throw new CorruptInput("a chunk is too long");
      if (masked(crc32c(output.from(start))) !== checksum) throw new CorruptInput("a wrong checksum");
    } else if (type < 0x80) {
      throw new CorruptInput("an unknown chunk");
    }
    // Chunks from 0x80 on may be skipped: padding, the stream identifier, and kinds yet to be defined.
    if (pauses.isDue(input)) yield;
  }
}

/** Section 3 of framing_format.txt: a checksum of bytes that hold checksums should be a good one too. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The block that fills the rest of the input (google/snappy, format_description.txt). */
function* decodeBlock(input: ByteInput, output: DecodedBytes, pauses: Pauses): Generator<void> {
  const declared = readVarint(input);
  if (declared > output.room) throw new OutputTooLarge();
  const end = output.length + declared;
  while (!input.isAtEnd) {
    const tag = input.byte();
    const upper = tag >>> 2;
    switch (tag & 3) {
      case 0:
        output.append(input, 1 + (upper < 60 ? upper : input.number(upper - 59)));
        break;
      case 1:
        output.repeat(((tag >>> 5) << 8) | input.byte(), 4 + (upper & 7));
        break;
      case 2:
        output.repeat(input.number(2), 1 + upper);
        break;
      default:
        output.repeat(input.number(4), 1 + upper);
    }
    if (output.length > end) throw new CorruptInput("more than its length declares");
    if (pauses.isDue(input)) yield;
  }
  if (output.length < end) throw new CorruptInput("less than its length declares");
}

function readVarint(input: ByteInput): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = input.byte();
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new CorruptInput("a length of more than 32 bits");
}
