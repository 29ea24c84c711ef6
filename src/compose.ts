import type { Logger } from "pino";
import { FileSink } from "./adapters/outbound/file-sink/file-sink.ts";
import { OtlpSink, type OtlpSinkOptions } from "./adapters/outbound/otlp-sink/otlp-sink.ts";
import { RingStore } from "./adapters/outbound/ring-buffer/ring-store.ts";
import type { TlsMaterial } from "./adapters/outbound/tls-material.ts";
import { type Config, ConfigError } from "./config/config.ts";
import {
  ForwardTls,
  readForwardKafkaTls,
  readForwardOtlpTls,
  speaksTlsWithKafka,
} from "./config/forward-tls.ts";
import { ObsvtyError } from "./domain/errors.ts";
import { signals } from "./domain/signal.ts";
import { StrictValidator } from "./otlp/strict/strict-validator.ts";
import type { TelemetrySink } from "./ports/telemetry-sink.ts";
import { longRequestBytes, type TelemetryStore } from "./ports/telemetry-store.ts";
import { closeInOrder } from "./use-cases/closing.ts";
import type { Composition } from "./use-cases/core.ts";
import { EventLoopTurns } from "./use-cases/event-loop-turns.ts";
import { ForwardingPath, viaHeader } from "./use-cases/hand-on/forwarding-path.ts";
import { HandOn, type SinkSetup } from "./use-cases/hand-on/hand-on.ts";
import { handOnLimits, replayDeliveryMs } from "./use-cases/hand-on/limits.ts";
import { realTimers } from "./use-cases/hand-on/timers.ts";
import { Arrivals } from "./use-cases/ingest/arrivals.ts";
import { FaultScript } from "./use-cases/ingest/fault-script.ts";
import { createIngest } from "./use-cases/ingest/ingest.ts";
import { IngestCounters } from "./use-cases/ingest/ingest-counters.ts";
import { Limits } from "./use-cases/limits.ts";
import { AnswerMemory } from "./use-cases/read/answer-memory.ts";
import { createReader } from "./use-cases/read/reader.ts";
import { version } from "./version.ts";

/**
 * The composition root: the only place that makes outbound adapters and hands them to use cases. Nothing of
 * a composition is shared with another one, so that several servers can live in one process.
 * @throws ConfigError when the buffer's bounds do not fit together, or not into the memory there is, or a sink
 *   cannot be set up as it is told to
 */
export async function compose(config: Config, log: Logger): Promise<Composition> {
  const store = createStore(config);
  const counters = new IngestCounters();
  const arrivals = new Arrivals();
  const answers = new AnswerMemory(config.maxQueryBytes);
  const strict = createStrict(config);
  const forwardingPath =
    config.forwardOtlpEndpoint === undefined ? undefined : new ForwardingPath(store.runId, realTimers);
  const sinks = await createSinks(config, forwardingPath, log);
  const allTls = sinks.flatMap(({ tls }) => (tls === undefined ? [] : [tls]));
  const handOn = sinks.length === 0 ? undefined : new HandOn({ store, arrivals, sinks, log });
  const core = {
    ingest: createIngest({ store, counters, arrivals, turns: new EventLoopTurns(), strict, handOn }),
    counters,
    limits: limitsOf(config, store, answers),
    reader: createReader({ store, counters, arrivals, turns: new EventLoopTurns(), answers }),
    answers,
    faults: config.faultInjection ? new FaultScript() : undefined,
    handOn,
    forwardingPath,
  };
  // Sinks will be closed before the journal that they read from. The ring has nothing to close.
  const close = (abort: AbortSignal) => {
    for (const tls of allTls) tls.stop();
    return closeInOrder(handOn === undefined ? [] : [handOn], abort);
  };
  const reloadCredentials = async () => {
    await Promise.all(allTls.map((tls) => tls.reload()));
  };
  return {
    core,
    close,
    reloadCredentials: allTls.some((tls) => tls.hasFiles) ? reloadCredentials : undefined,
  };
}

/** The limits of what is held and read. The inbound adapters add those of connections and bodies. */
function limitsOf(
  { maxBufferSize, maxBufferBytes }: Config,
  store: Pick<TelemetryStore, "stats">,
  answers: AnswerMemory,
): Limits {
  const limits = new Limits();
  const held = () => signals.map((signal) => store.stats(signal));
  limits.add("MAX_BUFFER_SIZE", maxBufferSize, () => Math.max(...held().map(({ items }) => items)));
  limits.add("MAX_BUFFER_BYTES", maxBufferBytes, () => held().reduce((sum, { bytes }) => sum + bytes, 0));
  limits.add("MAX_QUERY_BYTES", answers.maxBytes, () => answers.bytes);
  return limits;
}

/** A sink, and its TLS files, which are watched until they are stopped. */
interface ComposedSink extends SinkSetup {
  readonly tls?: ForwardTls | undefined;
}

/** The sinks that the settings name. Each kind has a line here, and a function below that makes it. */
async function createSinks(
  config: Config,
  path: ForwardingPath | undefined,
  log: Logger,
): Promise<ComposedSink[]> {
  const sinks: ComposedSink[] = [];
  const makers = [
    () => createOtlpSink(config, path, log),
    () => createKafkaSink(config, log),
    () => createFileSink(config, log),
  ];
  try {
    for (const make of makers) {
      const sink = await make();
      if (sink !== undefined) sinks.push(sink);
    }
    return sinks;
  } catch (cause) {
    for (const { sink, tls } of sinks) {
      tls?.stop();
      await sink.close();
    }
    throw cause;
  }
}

async function createOtlpSink(
  config: Config,
  path: ForwardingPath | undefined,
  log: Logger,
): Promise<ComposedSink | undefined> {
  const { forwardOtlpEndpoint: url } = config;
  if (url === undefined || path === undefined) return undefined;
  const tls = await ForwardTls.open(() => readForwardOtlpTls(config), log.child({ sink: "otlp" }));
  const sink = stoppingWhenItFails(tls, "FORWARD_OTLP_COMPRESSION", () => {
    return new OtlpSink({
      tls: () => tls.files,
      url,
      protocol: config.forwardOtlpProtocol,
      compression: config.forwardOtlpCompression,
      headers: { "user-agent": `obsvty/${version}`, ...config.forwardOtlpHeaders },
      changingHeaders: () => ({ [viaHeader]: path.value }),
      maxBytes: config.forwardOtlpMaxBytes,
      timeoutMs: handOnLimits.deliveryMs,
    });
  });
  return { sink, tls, policy: config.forwardOtlpPolicy };
}

async function createKafkaSink(config: Config, log: Logger): Promise<ComposedSink | undefined> {
  const { forwardKafkaBrokers: brokers, forwardKafkaSasl: mechanism } = config;
  if (brokers.length === 0) return undefined;
  // Kafka's client takes 20 MiB of memory and about a second to load.
  const { KafkaSink } = await import("./adapters/outbound/kafka-sink/kafka-sink.ts");
  const tls = speaksTlsWithKafka(config)
    ? await ForwardTls.open(() => readForwardKafkaTls(config), log.child({ sink: "kafka" }))
    : undefined;
  const { forwardKafkaUsername: username = "", forwardKafkaPassword: password = "" } = config;
  const sink = stoppingWhenItFails(tls, "FORWARD_KAFKA_COMPRESSION", () => {
    return new KafkaSink({
      brokers,
      topics: {
        traces: config.forwardKafkaTopicTraces,
        logs: config.forwardKafkaTopicLogs,
        metrics: config.forwardKafkaTopicMetrics,
        profiles: config.forwardKafkaTopicProfiles,
      },
      compression: config.forwardKafkaCompression,
      maxBytes: config.forwardKafkaMaxBytes,
      tls: tls && (() => tls.files),
      sasl: mechanism === "none" ? undefined : { mechanism, username, password },
    });
  });
  return { sink, tls, policy: config.forwardKafkaPolicy };
}

/** A client of an OTLP endpoint, for the command line. */
export function createOtlpClient({
  tls,
  headers,
  ...endpoint
}: Pick<OtlpSinkOptions, "url" | "protocol" | "headers" | "maxBytes"> & {
  readonly tls: TlsMaterial;
}): TelemetrySink {
  return new OtlpSink({
    ...endpoint,
    tls: () => tls,
    headers: { "user-agent": `obsvty/${version}`, ...headers },
    changingHeaders: () => ({}),
    compression: "gzip",
    timeoutMs: replayDeliveryMs,
  });
}

async function createFileSink(config: Config, log: Logger): Promise<SinkSetup | undefined> {
  const { forwardFile: path, forwardFileMaxBytes: maxFileBytes, forwardFileMaxFiles: maxFiles } = config;
  if (path === undefined) return undefined;
  const onTorn = (bytes: number) =>
    log.warn({ sink: "file", bytes }, "the last line of the file was torn and has been cut off");
  try {
    const sink = await FileSink.open({ path, maxFileBytes, maxFiles, onTorn });
    return { sink, policy: config.forwardFilePolicy };
  } catch (cause) {
    if (!(cause instanceof ObsvtyError)) throw cause;
    throw new ConfigError(`FORWARD_FILE: ${JSON.stringify(path)} ${cause.message}`, { cause });
  }
}

function createStore(config: Config): RingStore {
  return naming("MAX_BUFFER_SIZE and MAX_BUFFER_BYTES", () => {
    const { maxBufferSize: maxItems, maxBufferBytes: maxBytes } = config;
    return new RingStore({ maxItems, maxBytes, maxRequestBytes: config.maxReceiveMessageLength });
  });
}

function createStrict({ validation, maxReceiveMessageLength }: Config): StrictValidator | undefined {
  if (validation === "lenient") return undefined;
  return naming("VALIDATION=strict", () => new StrictValidator(longRequestBytes, maxReceiveMessageLength));
}

/** Makes a sink as `naming` does. Nobody else has its TLS files when it cannot be made. */
function stoppingWhenItFails<Made>(tls: ForwardTls | undefined, keys: string, make: () => Made): Made {
  try {
    return naming(keys, make);
  } catch (cause) {
    tls?.stop();
    throw cause;
  }
}

/** Makes something that may not be possible here, and names the settings that ask for it. */
function naming<Made>(keys: string, make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof ObsvtyError)) throw cause;
    throw new ConfigError(`${keys}: ${cause.message}`, { cause });
  }
}
