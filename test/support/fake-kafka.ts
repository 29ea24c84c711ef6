import { createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { Reader, readRecordsBatch, Writer } from "@platformatic/kafka";
import { RestartableServer } from "./restartable-server.ts";

/** A batch of messages that a producer sent. */
export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly values: readonly Uint8Array[];
  readonly producerId: bigint;
  readonly sequence: number;
  readonly acks: number;
  /** By the number of Kafka's protocol: none, gzip, snappy, lz4, zstd. */
  readonly compression: number;
}

/** What the broker does with a batch. An error of Kafka's protocol by its number, or else: */
export type ProduceAnswer =
  | number
  | "appends"
  /** Appends it, and cuts the connection before it says so. */
  | "appends and cuts"
  | "cuts"
  | "stalls";

/** Keys of requests in Kafka's protocol. */
const keys = {
  produce: 0,
  metadata: 3,
  saslHandshake: 17,
  apiVersions: 18,
  initProducerId: 22,
  saslAuth: 36,
};
/** The one version that this broker knows of each beside Produce. */
const versions: readonly (readonly [key: number, version: number])[] = [
  [keys.metadata, 12],
  [keys.saslHandshake, 1],
  [keys.apiVersions, 3],
  [keys.initProducerId, 4],
  [keys.saslAuth, 2],
];
/** The length of a request stands before it. */
const lengthBytes = 4;
const unsupportedSaslMechanism = 33;
const saslAuthenticationFailed = 58;
const outOfOrderSequence = 45;

/** From this version of Produce on lengths are varints, and messages end with tagged fields. */
const firstCompactProduce = 9;

export interface FakeKafkaOptions {
  /** The one version of Produce that the broker knows. @default 11 */
  readonly produceVersion?: 8 | 9 | 10 | 11;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** What a client that authenticates by PLAIN has to send; without it nobody has to. */
  readonly plain?: { readonly username: string; readonly password: string };
}

/**
 * A broker that is alone in its cluster and does as a test says. It speaks the parts of Kafka's protocol that an
 * idempotent producer needs.
 */
export class FakeKafka {
  onProduce: (batch: ProducedBatch) => ProduceAnswer = () => "appends";
  /** Partitions of every topic; those without a leader are false. */
  partitions: readonly boolean[] = [true];
  /** An error that answers each request for metadata. */
  metadataError = 0;
  /** The broker that it names as the only one of the cluster. @default itself */
  announced: { readonly host: string; readonly port: number } | undefined;
  /** How long it wants no request after each batch. */
  throttleMs = 0;
  /** Answers a request with these bytes instead. */
  onRequest: (key: number) => Uint8Array | undefined = () => undefined;
  /** What SASL answers beside PLAIN. */
  onSasl: (bytes: Buffer) => Buffer = () => Buffer.alloc(0);
  /** All batches that came, taken or not. */
  readonly received: ProducedBatch[] = [];
  readonly taken: ProducedBatch[] = [];
  /** The keys of all requests that came. */
  readonly requests: number[] = [];
  readonly #options: FakeKafkaOptions;
  readonly #server: RestartableServer;
  /** The next sequence of each producer in each partition. */
  readonly #sequences = new Map<string, number>();
  #producers = 0n;

  constructor(t: Pick<TestContext, "after">, options: FakeKafkaOptions = {}) {
    this.#server = new RestartableServer(t, () => {
      const { tls } = options;
      const server = tls === undefined ? createServer() : createTlsServer(tls);
      const event = tls === undefined ? "connection" : "secureConnection";
      server.on(event, (socket: Socket) => this.#serve(socket));
      server.on("tlsClientError", () => {});
      return server;
    });
    this.#options = options;
  }

  get broker(): { readonly host: string; readonly port: number } {
    return { host: "127.0.0.1", port: this.#server.port };
  }

  get connections(): number {
    return this.#server.connections;
  }

  /** Listens, after a stop on the same port as before. */
  async start(): Promise<this> {
    await this.#server.start();
    return this;
  }

  cut(): void {
    this.#server.cut();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Forgets what producers wrote, as a broker may after a failure. */
  forgetProducers(): void {
    this.#sequences.clear();
  }

  values(topic: string): Uint8Array[] {
    return this.taken.filter((batch) => batch.topic === topic).flatMap(({ values }) => values);
  }

  #serve(socket: Socket): void {
    socket.on("error", () => {});
    let chunks: Buffer[] = [];
    let byteLength = 0;
    let needed = lengthBytes;
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      byteLength += chunk.byteLength;
      if (byteLength < needed) return;
      let received = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      for (;;) {
        needed = lengthBytes + (received.length < lengthBytes ? 0 : received.readInt32BE());
        if (received.length < lengthBytes || received.length < needed) break;
        this.#answer(socket, Reader.from(received.subarray(lengthBytes, needed)));
        received = received.subarray(needed);
      }
      chunks = [received];
      byteLength = received.length;
    });
  }

  #answer(socket: Socket, reader: Reader): void {
    const key = reader.readInt16();
    const version = reader.readInt16();
    const correlationId = reader.readInt32();
    reader.readNullableString(false);
    const isFlexible =
      key === keys.produce
        ? version >= firstCompactProduce
        : key !== keys.saslHandshake && !(key === keys.apiVersions && version < 3);
    if (isFlexible) reader.readTaggedFields();
    this.requests.push(key);
    const raw = this.onRequest(key);
    if (raw !== undefined) {
      socket.write(raw);
      return;
    }
    const body = this.#bodyFor(key, version, reader, socket);
    if (body === undefined) return;
    const writer = Writer.create().appendInt32(correlationId);
    // The header of this answer alone has no tagged fields, so that clients of any age can read it.
    if (isFlexible && key !== keys.apiVersions) writer.appendTaggedFields();
    socket.write(writer.appendFrom(body).prependLength().buffer);
  }

  #bodyFor(key: number, version: number, reader: Reader, socket: Socket): Writer | undefined {
    switch (key) {
      case keys.apiVersions:
        return apiVersions(version, this.#options.produceVersion ?? 11);
      case keys.metadata:
        return this.#metadata(reader);
      case keys.initProducerId:
        return Writer.create()
          .appendInt32(0)
          .appendInt16(0)
          .appendInt64(++this.#producers)
          .appendInt16(0)
          .appendTaggedFields();
      case keys.saslHandshake: {
        const isOffered = reader.readString(false) === "PLAIN" ? this.#options.plain !== undefined : true;
        return Writer.create()
          .appendInt16(isOffered ? 0 : unsupportedSaslMechanism)
          .appendArray(["PLAIN"], (w, name) => w.appendString(name, false), false, false);
      }
      case keys.saslAuth:
        return this.#authenticate(reader.readBytes());
      default:
        return this.#produce(version, reader, socket);
    }
  }

  #authenticate(bytes: Buffer): Writer {
    const { plain } = this.#options;
    const isPlain = plain !== undefined;
    const isRight = !isPlain || bytes.toString() === `\0${plain.username}\0${plain.password}`;
    return Writer.create()
      .appendInt16(isRight ? 0 : saslAuthenticationFailed)
      .appendString(isRight ? null : "words that nobody should see")
      .appendBytes(isPlain ? Buffer.alloc(0) : this.onSasl(bytes))
      .appendInt64(0n)
      .appendTaggedFields();
  }

  #metadata(reader: Reader): Writer {
    const topics = reader.readArray((r) => {
      r.readUUID();
      return r.readNullableString();
    });
    const { host, port } = this.announced ?? this.broker;
    return Writer.create()
      .appendInt32(0)
      .appendArray([1], (w, id) => w.appendInt32(id).appendString(host).appendInt32(port).appendString(null))
      .appendString("a cluster")
      .appendInt32(1)
      .appendArray(topics, (w, name) =>
        w
          .appendInt16(this.metadataError)
          .appendString(name)
          .appendUUID(null)
          .appendBoolean(false)
          .appendArray([...this.partitions.entries()], (p, [index, hasLeader]) =>
            p
              .appendInt16(hasLeader ? 0 : 5)
              .appendInt32(index)
              .appendInt32(hasLeader ? 1 : -1)
              .appendInt32(0)
              .appendArray([1], (r, id) => r.appendInt32(id), true, false)
              .appendArray([1], (r, id) => r.appendInt32(id), true, false)
              .appendArray([], () => {}, true, false),
          )
          .appendInt32(0),
      )
      .appendTaggedFields();
  }

  #produce(version: number, reader: Reader, socket: Socket): Writer | undefined {
    const isCompact = version >= firstCompactProduce;
    const form = [isCompact, isCompact] as const;
    reader.readNullableString(isCompact);
    const acks = reader.readInt16();
    reader.readInt32();
    const [batch] = reader
      .readArray(
        (r) => {
          const topic = r.readString(isCompact);
          return r.readArray(
            (p) => {
              const partition = p.readInt32();
              const records = readRecordsBatch(Reader.from(p.readBytes(isCompact)));
              return {
                topic,
                partition,
                acks,
                values: records.records.map(({ value }) => Uint8Array.from(value!)),
                producerId: records.producerId,
                sequence: records.firstSequence,
                compression: records.attributes & 7,
              };
            },
            ...form,
          );
        },
        ...form,
      )
      .flat();
    const answer = this.#take(batch!);
    if (answer === "cuts") socket.destroy();
    if (typeof answer === "string") return undefined;
    const answered = Writer.create()
      .appendArray(
        [batch!.topic],
        (w, name) =>
          w.appendString(name, isCompact).appendArray(
            [batch!.partition],
            (p, index) =>
              p
                .appendInt32(index)
                .appendInt16(answer)
                .appendInt64(0n)
                .appendInt64(-1n)
                .appendInt64(0n)
                .appendArray([], () => {}, ...form)
                .appendString(answer === 0 ? null : "words that nobody should see", isCompact),
            ...form,
          ),
        ...form,
      )
      .appendInt32(this.throttleMs);
    return isCompact ? answered.appendTaggedFields() : answered;
  }

  #take(batch: ProducedBatch): number | "cuts" | "stalls" {
    this.received.push(batch);
    const answer = this.onProduce(batch);
    if (answer !== "appends" && answer !== "appends and cuts") return answer;
    const key = `${batch.producerId} ${batch.topic} ${batch.partition}`;
    const expected = this.#sequences.get(key) ?? 0;
    if (batch.sequence > expected) return outOfOrderSequence;
    // A broker answers a batch that it has already as it did the first time.
    if (batch.sequence === expected) {
      this.#sequences.set(key, expected + batch.values.length);
      this.taken.push(batch);
    }
    return answer === "appends" ? 0 : "cuts";
  }
}

function apiVersions(version: number, produceVersion: number): Writer {
  const isFlexible = version >= 3;
  const writer = Writer.create()
    .appendInt16(0)
    .appendArray(
      [...versions, [keys.produce, produceVersion] as const],
      (w, [key, only]) =>
        w
          .appendInt16(key)
          .appendInt16(key === keys.apiVersions ? 0 : only)
          .appendInt16(only),
      isFlexible,
      isFlexible,
    )
    .appendInt32(0);
  return isFlexible ? writer.appendTaggedFields() : writer;
}
