import { crc32c, xxHash32 } from "../../src/adapters/inbound/body/decode/checksums.ts";
import { varint } from "./wire.ts";

// Bytes in formats that Node does not write, without compressing them: what decoding them costs is tested elsewhere.

/** A block of Snappy with literals alone. */
export function snappyBlock(bytes: Uint8Array): Buffer {
  const literals: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += 60) {
    const literal = bytes.subarray(at, at + 60);
    literals.push(Buffer.of((literal.byteLength - 1) << 2), Buffer.from(literal));
  }
  return Buffer.concat([varint(bytes.byteLength), ...literals]);
}

/** Snappy's framing format with uncompressed chunks. */
export function snappyFrames(bytes: Uint8Array): Buffer {
  const chunks: Buffer[] = [Buffer.from("ff060000734e61507059", "hex")];
  for (let at = 0; at < bytes.byteLength; at += 65_536) {
    const data = bytes.subarray(at, at + 65_536);
    const header = Buffer.alloc(8);
    header[0] = 1;
    header.writeUIntLE(4 + data.byteLength, 1, 3);
    const crc = crc32c(data);
    header.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 4);
    chunks.push(header, Buffer.from(data));
  }
  return Buffer.concat(chunks);
}

/** A frame of LZ4 with stored blocks. */
export function lz4Frame(bytes: Uint8Array): Buffer {
  const descriptor = Buffer.of(0x60, 0x40);
  const header = Buffer.concat([
    Buffer.from("04224d18", "hex"),
    descriptor,
    Buffer.of((finish(xxHash32(descriptor)) >>> 8) & 0xff),
  ]);
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += 65_536) {
    const data = bytes.subarray(at, at + 65_536);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(2 ** 31 + data.byteLength);
    blocks.push(size, Buffer.from(data));
  }
  return Buffer.concat([header, ...blocks, Buffer.alloc(4)]);
}

/** The result of work that yields between its pieces. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
