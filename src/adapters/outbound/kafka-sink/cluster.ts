import { ResponseError } from "@platformatic/kafka";
import { type Broker, BrokerConnection, type BrokerOptions, type ProducerId } from "./broker-connection.ts";

/** A partition of a topic that can be written to now. */
export interface Leader {
  readonly partition: number;
  readonly broker: Broker;
}

export interface ClusterOptions extends BrokerOptions {
  /** Some brokers of the cluster, one at least; they name the others. */
  readonly brokers: readonly Broker[];
}

/** The number of brokers that are tried, one after the other, before a delivery fails. */
const brokersInTurn = 3;
/** The other brokers of a larger cluster are known by the partitions that they lead alone. */
const maxKnownBrokers = 64;
/** Partitions that are added are found after this time, as by Kafka's own clients. */
const metadataAgeMs = 300_000;

interface Topic {
  readonly leaders: readonly Leader[];
  readonly atMs: number;
}

interface Opening {
  readonly opened: Promise<BrokerConnection>;
  /** Ends the attempt. */
  readonly abort: AbortController;
}

type Metadata = Awaited<ReturnType<BrokerConnection["metadata"]>>;

/** The brokers of a cluster, and where the partitions of topics are. Its promises settle within a minute. */
export class KafkaCluster {
  readonly #options: ClusterOptions;
  readonly #connections = new Map<string, Opening>();
  readonly #topics = new Map<string, Topic>();
  #brokers: readonly Broker[];
  #turn = 0;
  #isClosed = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#brokers = options.brokers;
  }

  /** The partitions of a topic that have a leader; one at least. */
  async leaders(topic: string): Promise<readonly Leader[]> {
    const known = this.#topics.get(topic);
    if (known !== undefined && performance.now() - known.atMs < metadataAgeMs) return known.leaders;
    const connection = await this.#anyConnection();
    const metadata = await connection.metadata(topic).catch(metadataInSpiteOf);
    const brokers = new Map(metadata.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    this.#brokers = distinct([...this.#options.brokers, ...[...brokers.values()].slice(0, maxKnownBrokers)]);
    this.#endAllBut([...this.#options.brokers, ...brokers.values()]);
    const partitions = metadata.topics.find(({ name }) => name === topic)?.partitions ?? [];
    const leaders = partitions.flatMap(({ partitionIndex, leaderId }): Leader[] => {
      const broker = brokers.get(leaderId);
      return broker === undefined ? [] : [{ partition: partitionIndex, broker }];
    });
    if (leaders.length === 0) throw new NoLeaderError();
    this.#topics.set(topic, { leaders, atMs: performance.now() });
    return leaders;
  }

  /** Has the leaders of a topic looked up anew. */
  forget(topic: string): void {
    this.#topics.delete(topic);
  }

  async newProducerId(): Promise<ProducerId> {
    return (await this.#anyConnection()).newProducerId();
  }

  /** The connection to a broker, which is opened when there is none. */
  async connectionTo(broker: Broker): Promise<BrokerConnection> {
    if (this.#isClosed) throw new Error("the sink is closed");
    const key = keyOf(broker);
    const known = this.#connections.get(key);
    if (known !== undefined) {
      const connection = await known.opened;
      if (connection.isUsable) return connection;
      if (this.#connections.get(key) === known) this.#end(key, known);
      return this.connectionTo(broker);
    }
    const abort = new AbortController();
    const opening = { opened: BrokerConnection.open(broker, this.#options, abort.signal), abort };
    this.#connections.set(key, opening);
    try {
      return await opening.opened;
    } catch (cause) {
      if (this.#connections.get(key) === opening) this.#connections.delete(key);
      throw cause;
    }
  }

  /** Ends all connections, those too that are being opened. */
  close(): void {
    this.#isClosed = true;
    this.#endAllBut([]);
  }

  /** Ends the connections to brokers that have left the cluster: nothing would be sent there any more. */
  #endAllBut(brokers: readonly Broker[]): void {
    const kept = new Set(brokers.map(keyOf));
    for (const [key, opening] of this.#connections) if (!kept.has(key)) this.#end(key, opening);
  }

  #end(key: string, { opened, abort }: Opening): void {
    this.#connections.delete(key);
    abort.abort();
    opened.then((connection) => connection.destroy(), ignore);
  }

  async #anyConnection(): Promise<BrokerConnection> {
    const brokers = this.#brokers;
    let failure: unknown = new NoLeaderError();
    for (let i = 0; i < Math.min(brokersInTurn, brokers.length); i++) {
      const broker = brokers[this.#turn % brokers.length];
      try {
        if (broker !== undefined) return await this.connectionTo(broker);
      } catch (cause) {
        failure = cause;
      }
      this.#turn += 1;
    }
    throw failure;
  }
}

/** No partition of the topic can be written to now. */
export class NoLeaderError extends Error {
  readonly apiId = "LEADER_NOT_AVAILABLE";
}

/** The client takes the whole answer for an error when one partition has no leader. */
function metadataInSpiteOf(cause: unknown): Metadata {
  if (cause instanceof ResponseError) {
    const { response } = cause as { response?: Metadata };
    if (response?.topics.every(({ errorCode }) => errorCode === 0)) return response;
  }
  throw cause;
}

function keyOf({ host, port }: Broker): string {
  return `${host}:${port}`;
}

function distinct(brokers: readonly Broker[]): Broker[] {
  return [...new Map(brokers.map((broker) => [keyOf(broker), broker])).values()];
}

function ignore(): void {}
