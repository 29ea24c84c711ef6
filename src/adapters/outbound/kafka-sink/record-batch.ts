import { compressionsAlgorithms } from "@platformatic/kafka";
import { compressByNode } from "../compressors.ts";
import { crc32cOf } from "./crc32c.ts";

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
 * A batch of records as it is sent and kept (Kafka protocol, "Record Batch"), in pieces one behind the other. Values
 * that are not compressed are pieces as they are: memory for a copy of a megabyte costs more than its checksum. The
 * client's own encoding copies the bytes three times, compresses by zstd on the event loop, and knows no levels.
 */
export async function encodeRecordBatch(batch: RecordBatch): Promise<readonly Uint8Array[]> {
  const { values, compression } = batch;
  const pieces = encodeRecords(values);
  const records = compression === "none" ? pieces : [await compress(Buffer.concat(pieces), compression)];
  return [encodeHeader(records, batch), ...records];
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

function encodeHeader(records: readonly Uint8Array[], batch: RecordBatch): Uint8Array {
  const { values, compression, producerId, producerEpoch, sequence } = batch;
  const byteLength = records.reduce((sum, piece) => sum + piece.byteLength, batchHeaderBytes);
  const timestamp = BigInt(batch.timestampMs);
  const header = Buffer.alloc(batchHeaderBytes);
  // The offset of the first message, which the broker sets.
  let at = header.writeBigInt64BE(0n, 0);
  at = header.writeInt32BE(byteLength - lengthAt - 4, at);
  // The epoch of the leader, which the broker sets too.
  at = header.writeInt32BE(-1, at);
  header.writeInt8(magic, at);
  at = header.writeInt16BE(compressions[compression], attributesAt);
  at = header.writeInt32BE(values.length - 1, at);
  at = header.writeBigInt64BE(timestamp, at);
  at = header.writeBigInt64BE(timestamp, at);
  at = header.writeBigInt64BE(producerId, at);
  at = header.writeInt16BE(producerEpoch, at);
  at = header.writeInt32BE(sequence, at);
  header.writeInt32BE(values.length, at);
  header.writeUInt32BE(crc32cOf([header.subarray(attributesAt), ...records]), crcAt);
  return header;
}

/** What stands around a value, and the value itself, one record after the other. */
function encodeRecords(values: readonly Uint8Array[]): readonly Uint8Array[] {
  const around = Buffer.alloc(values.length * recordOverheadBytes);
  const pieces: Uint8Array[] = [];
  let start = 0;
  let at = 0;
  values.forEach((value, i) => {
    at = writeVarint(around, recordLength(value.byteLength, i), at);
    // Attributes, and the time since that of the batch.
    at = around.writeInt16BE(0, at);
    at = writeVarint(around, i, at);
    // No key.
    at = writeVarint(around, -1, at);
    at = writeVarint(around, value.byteLength, at);
    pieces.push(around.subarray(start, at), value);
    start = at;
    // No headers.
    at = around.writeInt8(0, at);
  });
  pieces.push(around.subarray(start, at));
  return pieces;
}

/** Without the length itself: attributes, two deltas, no key, the value with its length, no headers. */
function recordLength(valueLength: number, offsetDelta: number): number {
  return 4 + varintLength(offsetDelta) + varintLength(valueLength) + valueLength;
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
