import type { AcceptedRequest } from "../../../domain/accepted-request.ts";
import { bySignal, type Signal } from "../../../domain/signal.ts";
import { mergeRequests } from "../../../otlp/merge-requests.ts";
import { abortedDelivery, type Delivery, type TelemetrySink } from "../../../ports/telemetry-sink.ts";
import { refuseMissingZstd } from "../compressors.ts";
import { type ClusterOptions, KafkaCluster } from "./cluster.ts";
import { batchHeaderBytes, type KafkaCompression, recordOverheadBytes } from "./record-batch.ts";
import { TopicProducer } from "./topic-producer.ts";

export interface KafkaSinkOptions extends ClusterOptions {
  /** No two are the same: a topic has one kind of message. */
  readonly topics: Readonly<Record<Signal, string>>;
  readonly compression: KafkaCompression;
  /** The largest batch of messages that the topics take, before compression: `max.message.bytes` in Kafka. */
  readonly maxBytes: number;
}

/**
 * A Kafka cluster: an Export request a message, in the encoding that the Collector calls `otlp_proto`. Delivered means
 * that all replicas in sync have acknowledged it.
 */
export class KafkaSink implements TelemetrySink {
  readonly name = "kafka";
  readonly maxBytes: number;
  readonly #cluster: KafkaCluster;
  readonly #producers: Readonly<Record<Signal, TopicProducer>>;

  /** @throws ObsvtyError `invalid-argument` when this Node lacks the compression */
  constructor({ topics, compression, maxBytes, ...options }: KafkaSinkOptions) {
    refuseMissingZstd(compression);
    this.maxBytes = maxBytes - batchHeaderBytes - recordOverheadBytes;
    const cluster = new KafkaCluster(options);
    this.#cluster = cluster;
    this.#producers = bySignal(
      (signal) => new TopicProducer({ topic: topics[signal], cluster, compression, maxBytes }),
    );
  }

  async deliver(signal: Signal, requests: readonly AcceptedRequest[], abort: AbortSignal): Promise<Delivery> {
    if (abort.aborted) return abortedDelivery;
    return this.#producers[signal].produce(mergeRequests(requests), abort);
  }

  async close(): Promise<void> {
    this.#cluster.close();
  }
}
