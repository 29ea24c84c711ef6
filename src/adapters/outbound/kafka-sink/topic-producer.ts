import { setTimeout } from "node:timers/promises";
import { abortedDelivery, type Delivery } from "../../../ports/telemetry-sink.ts";
import type { BrokerConnection, ProducerId } from "./broker-connection.ts";
import { type KafkaCluster, NoLeaderError } from "./cluster.ts";
import { deliveryOf, hasLostProducerState, isDuplicate, type KafkaFailure, kafkaFailure } from "./failure.ts";
import {
  batchHeaderBytes,
  encodeRecordBatch,
  type KafkaCompression,
  recordOverheadBytes,
} from "./record-batch.ts";

export interface TopicProducerOptions {
  readonly topic: string;
  readonly cluster: KafkaCluster;
  readonly compression: KafkaCompression;
  /** The size of a batch of messages, before compression. */
  readonly maxBytes: number;
}

interface Message {
  readonly value: Uint8Array;
  readonly abort: AbortSignal;
  readonly settle: (delivery: Delivery) => void;
}

interface Batch {
  readonly messages: readonly Message[];
  /** Rejects when nobody waits for the batch any more. */
  readonly abandoned: PromiseWithResolvers<never>;
  /** Once a batch was sent, it is sent there alone: by these three a broker knows that it has it already (KIP-98). */
  sentTo: Place | undefined;
}

interface Place {
  readonly producer: Producer;
  readonly partition: number;
  readonly sequence: number;
}

interface Producer extends ProducerId {
  /** The number of the next message, by partition. */
  readonly sequences: Map<number, number>;
}

/** Tries of a batch within one delivery, and the time before the second; it doubles. */
const maxTries = 3;
const firstRetryMs = 50;
/** A broker that wants no requests for longer than this is left for the time that it names, as a failure. */
const longestThrottleMs = 3_000;
/** Sequences are numbers of 31 bits, which begin anew. */
const sequenceNumbers = 2 ** 31;

/**
 * Writes messages to one topic. One batch is under way at a time. Messages that come meanwhile make the next one, so
 * that a slow cluster gets fewer requests with more messages each.
 */
export class TopicProducer {
  readonly #options: TopicProducerOptions;
  #waiting: Message[] = [];
  #underWay: Batch | undefined;
  /** While the batch is on it. */
  #connection: BrokerConnection | undefined;
  #producer: Producer | undefined;
  /** Batches go to the partitions in turn. */
  #turn = 0;
  #isRunning = false;

  constructor(options: TopicProducerOptions) {
    this.#options = options;
  }

  /** Never rejects. Settles at once on the abort. */
  async produce(value: Uint8Array, abort: AbortSignal): Promise<Delivery> {
    const { promise, resolve: settle } = Promise.withResolvers<Delivery>();
    const onAbort = () => {
      settle(abortedDelivery);
      this.#waiting = this.#waiting.filter(({ abort }) => !abort.aborted);
      // What nobody waits for any more must not be sent again and again.
      if (!isAbandoned(this.#underWay)) return;
      this.#underWay?.abandoned.reject(abort.reason);
      this.#connection?.destroy();
    };
    abort.addEventListener("abort", onAbort, { once: true });
    this.#waiting.push({ value, abort, settle });
    void this.#run();
    try {
      return await promise;
    } finally {
      abort.removeEventListener("abort", onAbort);
    }
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // Deliveries that begin together make one batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const messages = this.#takeBatch();
      const delivery = await this.#deliver(messages);
      // One bad message costs itself alone.
      const isShared = delivery.kind === "refused" && delivery.takesNone !== true && messages.length > 1;
      for (const message of messages) {
        message.settle(isShared ? await this.#deliver([message]) : delivery);
      }
    }
    this.#isRunning = false;
  }

  /** One message at least. */
  #takeBatch(): readonly Message[] {
    let byteLength = batchHeaderBytes;
    let count = 0;
    for (const { value } of this.#waiting) {
      byteLength += recordOverheadBytes + value.byteLength;
      if (count > 0 && byteLength > this.#options.maxBytes) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #deliver(messages: readonly Message[]): Promise<Delivery> {
    const batch: Batch = { messages, abandoned: Promise.withResolvers(), sentTo: undefined };
    batch.abandoned.promise.catch(ignore);
    this.#underWay = batch;
    for (let tries = 1; !isAbandoned(batch); tries++) {
      const failure = await this.#try(batch);
      if (failure === undefined || isDuplicate(failure)) return { kind: "delivered" };
      if (failure.retryAfterMs !== undefined) return this.#giveUp(batch, deliveryOf(failure));
      this.#options.cluster.forget(this.#options.topic);
      if (hasLostProducerState(failure)) {
        this.#producer = undefined;
        batch.sentTo = undefined;
      }
      if (failure.fate !== "retry" || tries === maxTries) return this.#giveUp(batch, deliveryOf(failure));
      await setTimeout(firstRetryMs * 2 ** (tries - 1));
    }
    return this.#giveUp(batch, abortedDelivery);
  }

  /** @returns why it failed; undefined when the cluster has the messages */
  async #try(batch: Batch): Promise<KafkaFailure | undefined> {
    const { topic, cluster, compression } = this.#options;
    const { messages, sentTo, abandoned } = batch;
    const unlessAbandoned = <T>(promise: Promise<T>) => Promise.race([promise, abandoned.promise]);
    try {
      const leaders = await unlessAbandoned(cluster.leaders(topic));
      const leader =
        sentTo === undefined
          ? leaders[this.#turn++ % leaders.length]
          : leaders.find(({ partition }) => partition === sentTo.partition);
      if (leader === undefined) throw new NoLeaderError();
      const connection = await unlessAbandoned(cluster.connectionTo(leader.broker));
      const { throttledMs } = connection;
      if (throttledMs > longestThrottleMs) {
        return { code: "THROTTLING_QUOTA_EXCEEDED", fate: "retry", retryAfterMs: Math.ceil(throttledMs) };
      }
      if (throttledMs > 0) await unlessAbandoned(setTimeout(Math.ceil(throttledMs) + 1));
      this.#producer ??= await unlessAbandoned(this.#newProducer());
      batch.sentTo = sentTo ?? nextPlace(this.#producer, leader.partition, messages.length);
      const { partition, sequence, producer } = batch.sentTo;
      const bytes = await encodeRecordBatch({
        values: messages.map(({ value }) => value),
        compression,
        producerId: producer.id,
        producerEpoch: producer.epoch,
        sequence,
        timestampMs: Date.now(),
      });
      if (isAbandoned(batch)) return { code: "aborted", fate: "retry" };
      this.#connection = connection;
      await connection.produce(topic, partition, bytes);
      return undefined;
    } catch (reason) {
      return kafkaFailure(reason);
    } finally {
      this.#connection = undefined;
    }
  }

  async #newProducer(): Promise<Producer> {
    return { ...(await this.#options.cluster.newProducerId()), sequences: new Map() };
  }

  /** A batch that was sent may be there or not, so that the number of the next one is not known. */
  #giveUp({ sentTo }: Batch, delivery: Delivery): Delivery {
    if (sentTo !== undefined) this.#producer = undefined;
    return delivery;
  }
}

function nextPlace(producer: Producer, partition: number, count: number): Place {
  const sequence = producer.sequences.get(partition) ?? 0;
  producer.sequences.set(partition, (sequence + count) % sequenceNumbers);
  return { producer, partition, sequence };
}

function isAbandoned(batch: Batch | undefined): boolean {
  return batch?.messages.every(({ abort }) => abort.aborted) === true;
}

function ignore(): void {}
