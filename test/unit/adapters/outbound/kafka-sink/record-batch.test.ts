import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRecordsBatch, NumericMap, Reader, readRecordsBatch } from "@platformatic/kafka";
import { crc32c } from "../../../../../src/adapters/inbound/body/decode/checksums.ts";
import {
  batchHeaderBytes,
  encodeRecordBatch,
  type RecordBatch,
  recordOverheadBytes,
} from "../../../../../src/adapters/outbound/kafka-sink/record-batch.ts";

const header = {
  producerId: 4_711n,
  producerEpoch: 3,
  sequence: 2 ** 31 - 1,
  timestampMs: 1_795_700_000_123,
};

/** Of lengths at which varints get longer. */
const lengths: readonly (readonly number[])[] = [
  [0],
  [1],
  [63, 64, 8_191, 8_192],
  Array.from({ length: 200 }, (_, i) => i),
  [2 ** 20],
];

const valuesOf = (sizes: readonly number[]) => sizes.map((size, i) => Buffer.alloc(size, `value ${i} `));

async function encodeJoined(batch: RecordBatch): Promise<Buffer> {
  return Buffer.concat(await encodeRecordBatch(batch));
}

describe("a batch of Kafka's records", () => {
  for (const sizes of lengths) {
    test(`a Kafka batch of ${sizes.length} values up to ${Math.max(...sizes)} bytes is what the client makes of them`, async () => {
      const values = valuesOf(sizes);
      const messages = values.map((value) => ({
        topic: "a",
        partition: 0,
        value,
        timestamp: BigInt(header.timestampMs),
      }));
      const expected = createRecordsBatch(messages, {
        producerId: header.producerId,
        producerEpoch: header.producerEpoch,
        sequences: new NumericMap([["a:0", header.sequence]]),
        partitionLeaderEpoch: -1,
      });
      const batch = await encodeJoined({ ...header, values, compression: "none" });
      assert.ok(batch.equals(expected.buffer));
      const total = values.reduce((sum, { byteLength }) => sum + byteLength, 0);
      assert.equal(batch.readUInt32BE(17), crc32c(batch.subarray(21)));
      assert.ok(batch.byteLength <= batchHeaderBytes + sizes.length * recordOverheadBytes + total);
    });

    test(`a Kafka batch of ${sizes.length} values up to ${Math.max(...sizes)} bytes has the values themselves as pieces`, async () => {
      const values = valuesOf(sizes);
      const pieces = await encodeRecordBatch({ ...header, values, compression: "none" });
      assert.ok(values.every((value) => pieces.includes(value)));
    });

    for (const compression of ["gzip", "snappy", "lz4", "zstd"] as const) {
      test(`a Kafka batch of ${sizes.length} values up to ${Math.max(...sizes)} bytes is read back from ${compression}`, async () => {
        const values = valuesOf(sizes);
        const batch = await encodeJoined({ ...header, values, compression });
        const { records, firstSequence, attributes } = readRecordsBatch(Reader.from(batch));
        assert.deepEqual(
          [firstSequence, attributes],
          [header.sequence, { gzip: 1, snappy: 2, lz4: 3, zstd: 4 }[compression]],
        );
        assert.deepEqual(
          records.map(({ value }) => value?.toString()),
          values.map(String),
        );
      });
    }
  }
});
