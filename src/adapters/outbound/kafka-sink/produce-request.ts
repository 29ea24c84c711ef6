import type { Socket } from "node:net";
import {
  createAPI,
  ProduceAcks,
  produceV7,
  produceV8,
  produceV9,
  produceV10,
  produceV11,
  Writer,
} from "@platformatic/kafka";

/** How long the leader may wait for the replicas. */
const replicationTimeoutMs = 8_000;

/** What goes behind the heads of produce requests that the client has not written yet, in the order of the requests. */
export type Unsent = (readonly Uint8Array[])[];

/** No tagged fields of the partition, of the topic and of the request. */
const endOfCompact = Buffer.alloc(3);
/** Of a request: its length, and the key that says what it asks for. */
const requestLengthAt = 0;
const requestKeyAt = 4;

const produceKey = produceV11.api.key;

/** The newest first. Kafka from 2.4 on and others that speak its protocol know one of each. */
export const produceApis = [produceV11, produceV10, produceV9, produceV8, produceV7].map(
  ({ api: { key, version }, parseResponse }) => {
    // From this version on lengths are varints, and every message ends with tagged fields (KIP-482).
    const isCompact = version >= 9;
    const request = (topic: string, partition: number, batch: readonly Uint8Array[], unsent: Unsent) => {
      unsent.push(isCompact ? [...batch, endOfCompact] : batch);
      return produceHead(isCompact, topic, partition, byteLengthOf(batch));
    };
    return createAPI<[string, number, readonly Uint8Array[], Unsent], unknown>(
      key,
      version,
      request,
      parseResponse,
      isCompact,
      isCompact,
    );
  },
);

/**
 * The client joins all of a request in fresh memory. V8 counts that as part of its heap, and a megabyte for each
 * batch would have it collect garbage several times as often. So the client knows of a produce request its head
 * alone, and the batch goes behind that in the same write.
 */
export function writeBatchesUnjoined(socket: Socket, unsent: Unsent): void {
  const write: (bytes: Uint8Array) => boolean = socket.write.bind(socket);
  socket.write = (request: Buffer) => {
    const isProduce = request.readInt16BE(requestKeyAt) === produceKey;
    const rest = isProduce ? unsent.shift() : undefined;
    if (rest === undefined) return write(request);
    request.writeInt32BE(request.readInt32BE(requestLengthAt) + byteLengthOf(rest), requestLengthAt);
    socket.cork();
    const mayGoOn = [request, ...rest].map((piece) => write(piece)).every(Boolean);
    socket.uncork();
    return mayGoOn;
  };
}

/** Kafka protocol, "Produce", up to the batch. */
function produceHead(isCompact: boolean, topic: string, partition: number, batchBytes: number): Writer {
  const appendPartition = (writer: Writer, index: number) => {
    writer.appendInt32(index);
    if (isCompact) writer.appendUnsignedVarInt(batchBytes + 1);
    else writer.appendInt32(batchBytes);
  };
  const appendTopic = (writer: Writer, name: string) => {
    writer.appendString(name, isCompact).appendArray([partition], appendPartition, isCompact, false);
  };
  return Writer.create()
    .appendString(null, isCompact)
    .appendInt16(ProduceAcks.ALL)
    .appendInt32(replicationTimeoutMs)
    .appendArray([topic], appendTopic, isCompact, false);
}

function byteLengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
