import { isIP } from "node:net";
import { TLSSocket } from "node:tls";
import {
  apiVersionsV3,
  Connection,
  ConnectionStatuses,
  initProducerIdV1,
  initProducerIdV2,
  initProducerIdV3,
  initProducerIdV4,
  loggers,
  metadataV7,
  metadataV8,
  metadataV9,
  metadataV10,
  metadataV11,
  metadataV12,
  ResponseError,
  SASLMechanisms,
  TimeoutError,
  UnsupportedApiError,
} from "@platformatic/kafka";
import { type TlsMaterial, tlsOptions } from "../tls-material.ts";
import { produceApis, type Unsent, writeBatchesUnjoined } from "./produce-request.ts";

export interface Broker {
  readonly host: string;
  readonly port: number;
}

export interface SaslOptions {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  readonly username: string;
  readonly password: string;
}

export interface BrokerOptions {
  /** Undefined for cleartext. Asked for each connection: the files may have changed. */
  readonly tls: (() => TlsMaterial) | undefined;
  readonly sasl: SaslOptions | undefined;
}

/** What an idempotent producer writes under (KIP-98). */
export interface ProducerId {
  readonly id: bigint;
  readonly epoch: number;
}

const clientName = "obsvty";
const connectTimeoutMs = 3_000;
/** A broker that takes the connection and says nothing must not hold up what others could take. */
const openTimeoutMs = 5_000;
/** A request may take as long as a delivery. */
const requestTimeoutMs = 10_000;
/** More bytes in a row that end no answer come from something that is no broker. */
const maxAnswerBytes = 4 * 2 ** 20;

/** The newest first, as of `produceApis`. */
const metadataApis = [metadataV12, metadataV11, metadataV10, metadataV9, metadataV8, metadataV7].map(
  ({ api }) => api,
);
const initProducerIdApis = [initProducerIdV4, initProducerIdV3, initProducerIdV2, initProducerIdV1].map(
  ({ api }) => api,
);

// DEBUG=* would have the client print what it sends, payloads and passwords included.
for (const logger of Object.values(loggers)) logger.enabled = false;

interface VersionRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

const mechanisms = {
  plain: SASLMechanisms.PLAIN,
  "scram-sha-256": SASLMechanisms.SCRAM_SHA_256,
  "scram-sha-512": SASLMechanisms.SCRAM_SHA_512,
} as const satisfies Record<SaslOptions["mechanism"], string>;

/** A connection to one broker. It is never used again after an error of the transport. */
export class BrokerConnection {
  readonly #connection: Connection;
  /** The versions of each request that the broker knows, by the key of the request. */
  #versions: ReadonlyMap<number, VersionRange> = new Map();
  #unansweredBytes = 0;
  readonly #unsent: Unsent = [];
  #throttledUntilMs = 0;

  private constructor(connection: Connection) {
    this.#connection = connection;
    // The client emits errors also after it has told of one, and nobody would listen.
    connection.on("error", ignore);
    // The client would authenticate again on a connection that has ended.
    connection.once("close", () => this.destroy());
  }

  /**
   * Connects, authenticates, and asks what the broker can do, in 5 s at most. Each later question takes 10 s at most.
   * @param abort ends the attempt at once
   */
  static async open(
    { host, port }: Broker,
    { tls, sasl }: BrokerOptions,
    abort: AbortSignal,
  ): Promise<BrokerConnection> {
    abort.throwIfAborted();
    const connection = new BrokerConnection(
      new Connection(clientName, {
        connectTimeout: connectTimeoutMs,
        requestTimeout: requestTimeoutMs,
        ...(tls !== undefined && { tls: tlsOptions(tls()) }),
        // An address is not named in the handshake (RFC 6066, 3).
        ...(tls !== undefined && isIP(host) === 0 && { tlsServerName: host }),
        ...(sasl !== undefined && { sasl: { ...sasl, mechanism: mechanisms[sasl.mechanism] } }),
      }),
    );
    const timeout = AbortSignal.timeout(openTimeoutMs);
    const either = AbortSignal.any([abort, timeout]);
    const giveUp = () => connection.destroy();
    either.addEventListener("abort", giveUp, { once: true });
    try {
      await connection.#open(host, port);
      return connection;
    } catch (cause) {
      connection.destroy();
      throw timeout.aborted ? new TimeoutError("the broker did not answer in time") : cause;
    } finally {
      either.removeEventListener("abort", giveUp);
    }
  }

  async #open(host: string, port: number): Promise<void> {
    const connected = this.#connection.connect(host, port);
    writeBatchesUnjoined(this.#connection.socket, this.#unsent);
    // The client listens for data from this event on.
    const event = this.#connection.socket instanceof TLSSocket ? "secureConnect" : "connect";
    this.#connection.socket.once(event, () => this.#guardReading());
    await connected;
    const { apiKeys } = await this.#call(apiVersionsV3.api, clientName, "1");
    this.#versions = new Map(apiKeys.map((range) => [range.apiKey, range]));
  }

  get isUsable(): boolean {
    const { status } = this.#connection;
    return status === ConnectionStatuses.CONNECTED || status === ConnectionStatuses.REAUTHENTICATING;
  }

  /** The time in which the broker wants no request, because a quota was exceeded (KIP-219). */
  get throttledMs(): number {
    return Math.max(0, this.#throttledUntilMs - performance.now());
  }

  /** Brokers, and the partitions of a topic, which is created when the broker does so by itself. */
  metadata(topic: string): Promise<metadataV12.MetadataResponse> {
    return this.#call(this.#newest(metadataApis), [topic], true, false);
  }

  async newProducerId(): Promise<ProducerId> {
    const { producerId, producerEpoch } = await this.#call(this.#newest(initProducerIdApis), null, 0);
    return { id: producerId, epoch: producerEpoch };
  }

  /**
   * Has the leader of a partition append a batch, which is in pieces, as a whole or not at all. Resolves when all replicas that are in sync
   * have it.
   */
  async produce(topic: string, partition: number, batch: readonly Uint8Array[]): Promise<void> {
    await this.#call(this.#newest(produceApis), topic, partition, batch, this.#unsent);
  }

  /** Ends the connection: everything that is under way fails. */
  destroy(): void {
    // Ends its timers; by that alone the socket would wait until the peer has read everything.
    this.#connection.close(ignore);
    this.#connection.socket?.destroy();
  }

  async #call<Args extends unknown[], Answer>(
    api: { readonly async: (connection: Connection, ...args: Args) => Promise<Answer> },
    ...args: Args
  ): Promise<Answer> {
    try {
      const answer = await api.async(this.#connection, ...args);
      this.#noteThrottle(answer);
      return answer;
    } catch (cause) {
      if (cause instanceof ResponseError) this.#noteThrottle(cause.response);
      throw cause;
    } finally {
      this.#unansweredBytes = 0;
    }
  }

  #noteThrottle(answer: unknown): void {
    const { throttleTimeMs } = (answer ?? {}) as { readonly throttleTimeMs?: unknown };
    if (typeof throttleTimeMs !== "number" || throttleTimeMs <= 0) return;
    this.#throttledUntilMs = Math.max(this.#throttledUntilMs, performance.now() + throttleTimeMs);
  }

  #newest<Api extends { readonly key: number; readonly version: number }>(apis: readonly Api[]): Api {
    const newest = apis.find(({ key, version }) => {
      const range = this.#versions.get(key);
      return range !== undefined && range.minVersion <= version && version <= range.maxVersion;
    });
    if (newest === undefined)
      throw new UnsupportedApiError("the broker and obsvty have no version in common");
    return newest;
  }

  /**
   * What the client throws while it reads would end the process, and a peer that is no broker can make it throw. And
   * it keeps all of an answer until that is complete, also when it never ends.
   */
  #guardReading(): void {
    const { socket } = this.#connection;
    const listeners = socket.listeners("data");
    socket.removeAllListeners("data");
    socket.on("data", (chunk: Buffer<ArrayBuffer>) => {
      this.#unansweredBytes += chunk.byteLength;
      try {
        if (this.#unansweredBytes > maxAnswerBytes) throw new Error("an answer is too long");
        for (const listener of listeners) listener(chunk);
      } catch {
        this.destroy();
      }
    });
  }
}

function ignore(): void {}
