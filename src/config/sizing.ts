import type { Memory } from "./memory.ts";
import type { Address } from "./setting-kinds.ts";

/** The settings that bound the memory of the process. */
export interface MemoryBounds {
  readonly maxBufferSize: number;
  readonly maxBufferBytes: number;
  readonly maxReceiveMessageLength: number;
  readonly maxInflightBytes: number;
  readonly maxQueryBytes: number;
  readonly maxConnections: number;
  /** Undefined unless exports are handed on to another OTLP endpoint. */
  readonly forwardOtlpEndpoint: URL | undefined;
  readonly forwardOtlpMaxBytes: number;
  /** The list is empty unless exports are handed on to Kafka. */
  readonly forwardKafkaBrokers: readonly Address[];
  readonly forwardKafkaMaxBytes: number;
  /** Undefined unless exports are written to a file. */
  readonly forwardFile: string | undefined;
  readonly validation: "lenient" | "strict";
}

const kib = 2 ** 10;
const mib = 2 ** 20;

/** How many signals OTLP has. The layer does not know them, so that a test holds this to be true. */
export const signalCount = 4;

/**
 * What the process needs for each unit of a bound, in bytes. Measured with the attacks of `test/soak`;
 * `docs/sizing.md` has the formula and the figures behind it.
 */
export const perUnit = {
  /** 80 to 84 MiB when idle; the rest is what V8 has not freed yet under load. */
  process: 269 * mib,
  /**
   * One row of the index and one key, in a ring for each signal; and where its request ends, when each item
   * comes in a request of its own.
   */
  bufferItem: signalCount * (88 + 4 + 16),
  bufferByte: 1,
  /**
   * The largest request is scanned in a place of its own, cut in another one for sinks, and read from JSON in one of
   * seven times its size.
   */
  messageByte: 9,
  /** A strict validator checks a copy of the request. */
  strictByte: { lenient: 0, strict: 1 },
  /** The staged rows of a long request and of a short one. */
  stagedItem: 2 * 88,
  inflightByte: 3,
  answerByte: 3,
  connection: 40 * kib,
  /** The bound of all open HTTP/2 calls, apart from their bodies: `listener/open-calls.ts`. */
  openCalls: 32 * mib,
  /** A sink: copies of requests, for each signal the largest that it takes or 4 MiB. */
  sink: 40 * mib,
  /** Copies as they are and compressed. */
  otlpSinkByte: 2 * signalCount,
  kafkaSinkByte: 2 * signalCount,
  /** The code of Kafka's client, 20 MiB, and copies that V8 has not freed yet. */
  kafkaClient: 80 * mib,
  fileSinkByte: signalCount,
} as const;

/** What the store takes of one request. The layer knows no ports, so that a test holds this to be the same. */
export const maxRequestItems = 262_144;

/** The part that is in V8's heap. */
const perUnitOfHeap = { idle: 32 * mib, answerByte: 3 } as const;

/** The most memory that a server with these bounds is expected to take. */
export function mostMemory(bounds: MemoryBounds): Memory {
  const { maxBufferSize, maxReceiveMessageLength, maxQueryBytes } = bounds;
  return {
    process:
      perUnit.process +
      perUnit.openCalls +
      perUnit.bufferItem * maxBufferSize +
      perUnit.bufferByte * bounds.maxBufferBytes +
      (perUnit.messageByte + perUnit.strictByte[bounds.validation]) * maxReceiveMessageLength +
      perUnit.stagedItem * Math.min(maxBufferSize, maxRequestItems) +
      perUnit.inflightByte * bounds.maxInflightBytes +
      perUnit.answerByte * maxQueryBytes +
      perUnit.connection * bounds.maxConnections +
      sinkMemory(bounds),
    heap: perUnitOfHeap.idle + perUnitOfHeap.answerByte * maxQueryBytes,
  };
}

function sinkMemory(bounds: MemoryBounds): number {
  const { forwardOtlpEndpoint, forwardKafkaBrokers, forwardFile, maxReceiveMessageLength } = bounds;
  const copied = (maxBytes: number) => Math.max(4 * mib, Math.min(maxBytes, maxReceiveMessageLength));
  const otlp = perUnit.sink + perUnit.otlpSinkByte * copied(bounds.forwardOtlpMaxBytes);
  const kafka =
    perUnit.sink + perUnit.kafkaClient + perUnit.kafkaSinkByte * copied(bounds.forwardKafkaMaxBytes);
  const file = perUnit.sink + perUnit.fileSinkByte * copied(maxReceiveMessageLength);
  return (
    (forwardOtlpEndpoint === undefined ? 0 : otlp) +
    (forwardKafkaBrokers.length === 0 ? 0 : kafka) +
    (forwardFile === undefined ? 0 : file)
  );
}

/** The bounds whose defaults are less where memory is short. */
export type ShrinkingKey = "maxBufferBytes" | "maxInflightBytes" | "maxQueryBytes";

export interface Shrinks {
  readonly most: number;
  readonly least: number;
}

/**
 * Brings the defaults down, all by the same share of the way from most to least, until the bounds fit the memory or
 * all are at their least.
 * @param defaults the bounds that are not set, with how far each may shrink
 */
export function fitToMemory(
  bounds: MemoryBounds,
  defaults: Readonly<Partial<Record<ShrinkingKey, Shrinks>>>,
  memory: Memory,
): MemoryBounds {
  const { maxQueryBytes } = defaults;
  // Of the three, only answers are in V8's heap.
  const fitted = maxQueryBytes === undefined ? bounds : fitTo("heap", bounds, { maxQueryBytes }, memory);
  const most = Math.min(maxQueryBytes?.most ?? 0, fitted.maxQueryBytes);
  const left =
    maxQueryBytes === undefined ? defaults : { ...defaults, maxQueryBytes: { ...maxQueryBytes, most } };
  return fitTo("process", fitted, left, memory);
}

function fitTo(
  part: keyof Memory,
  bounds: MemoryBounds,
  defaults: Readonly<Partial<Record<ShrinkingKey, Shrinks>>>,
  memory: Memory,
): MemoryBounds {
  const at = (share: number): MemoryBounds => ({
    ...bounds,
    ...Object.fromEntries(
      Object.entries(defaults).map(([key, { most, least }]) => [
        key,
        // Whole MiB are easier to read; a bound that is not shrunk stays as it is.
        share >= 1 ? most : Math.max(least, Math.floor((least + (most - least) * share) / mib) * mib),
      ]),
    ),
  });
  const [least, most] = [mostMemory(at(0))[part], mostMemory(at(1))[part]];
  // Both are the same when no default is left to shrink.
  const share = most <= memory[part] ? 1 : (memory[part] - least) / Math.max(1, most - least);
  return at(Math.max(0, share));
}
