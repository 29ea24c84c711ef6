import { compressionsAlgorithms, crc32c, Writer } from "@platformatic/kafka";
import { compressByNode } from "../compressors.ts";

/** The setting FORWARD_KAFKA_COMPRESSION lists these. Their numbers are the attributes of a batch. */
const compressions = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export type KafkaCompression = keyof typeof compressions;

export interface RecordBatch {
  /** Of the messages; one at least. They have no keys and no headers. */
  readonly values: readonly Uint8Array[];
  readonly compression: KafkaCompression;
  /** What an idempotent producer writes under, and the number of its first message (KIP-98). */
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly sequence: number;
  /** In milliseconds since 1970. */
  readonly timestampMs: number;
}

/** What a batch has before its records. */
export const batchHeaderBytes = 61;
/** What a record has beside its value at most: seven numbers, three of them of up to five bytes. */
export const recordOverheadBytes = 32;

/** Where parts of the header are. */
const lengthAt = 8;
const crcAt = 17;
const attributesAt = 21;
const magic = 2;

/**
 * A batch of records as it is sent and kept (Kafka protocol, "Record Batch"). The client's own encoding of it copies
 * the bytes three times, compresses by zstd on the event loop, and knows no levels.
 */
export async function encodeRecordBatch(batch: RecordBatch): Promise<Buffer> {
  const { values, compression } = batch;
  if (compression === "none") {
    const bytes = Buffer.allocUnsafe(batchHeaderBytes + recordsLength(values));
    writeRecords(bytes, batchHeaderBytes, values);
    return finish(bytes, batch);
  }
  const records = Buffer.allocUnsafe(recordsLength(values));
  writeRecords(records, 0, values);
  const compressed = await compress(records, compression);
  const bytes = Buffer.allocUnsafe(batchHeaderBytes + compressed.byteLength);
  bytes.set(compressed, batchHeaderBytes);
  return finish(bytes, batch);
}

async function compress(records: Buffer, compression: Exclude<KafkaCompression, "none">): Promise<Buffer> {
  switch (compression) {
    case "gzip":
    case "zstd":
      return compressByNode(records, compression);
    case "snappy":
    case "lz4":
      // About a millisecond for each MiB.
      return compressionsAlgorithms[compression].compressSync(records);
  }
}

function finish(bytes: Buffer, batch: RecordBatch): Buffer {
  const { values, compression, producerId, producerEpoch, sequence } = batch;
  const timestamp = BigInt(batch.timestampMs);
  // The offset of the first message, which the broker sets.
  let at = bytes.writeBigInt64BE(0n, 0);
  at = bytes.writeInt32BE(bytes.byteLength - lengthAt - 4, at);
  // The epoch of the leader, which the broker sets too.
  at = bytes.writeInt32BE(-1, at);
  bytes.writeInt8(magic, at);
  at = bytes.writeInt16BE(compressions[compression], attributesAt);
  at = bytes.writeInt32BE(values.length - 1, at);
  at = bytes.writeBigInt64BE(timestamp, at);
  at = bytes.writeBigInt64BE(timestamp, at);
  at = bytes.writeBigInt64BE(producerId, at);
  at = bytes.writeInt16BE(producerEpoch, at);
  at = bytes.writeInt32BE(sequence, at);
  bytes.writeInt32BE(values.length, at);
  // In this form the client does not copy the bytes before it counts them.
  const { dynamicBuffer } = Writer.create().append(bytes.subarray(attributesAt));
  bytes.writeUInt32BE(crc32c(dynamicBuffer) >>> 0, crcAt);
  return bytes;
}

function recordsLength(values: readonly Uint8Array[]): number {
  return values.reduce((sum, { byteLength }, i) => {
    const length = recordLength(byteLength, i);
    return sum + varintLength(length) + length;
  }, 0);
}

/** Without the length itself: attributes, two deltas, no key, the value with its length, no headers. */
function recordLength(valueLength: number, offsetDelta: number): number {
  return 4 + varintLength(offsetDelta) + varintLength(valueLength) + valueLength;
}

function writeRecords(bytes: Buffer, start: number, values: readonly Uint8Array[]): void {
  let at = start;
  values.forEach((value, i) => {
    at = writeVarint(bytes, recordLength(value.byteLength, i), at);
    // Attributes, and the time since that of the batch.
    at = bytes.writeInt16BE(0, at);
    at = writeVarint(bytes, i, at);
    // No key.
    at = writeVarint(bytes, -1, at);
    at = writeVarint(bytes, value.byteLength, at);
    bytes.set(value, at);
    // No headers.
    at = bytes.writeInt8(0, at + value.byteLength);
  });
}

/** Kafka's varints are zigzag-encoded, as sint32 in protobuf. */
function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest >>>= 7) length += 1;
  return length;
}

function writeVarint(bytes: Buffer, value: number, start: number): number {
  let at = start;
  let rest = zigzag(value);
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}
