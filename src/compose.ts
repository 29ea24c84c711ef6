import { RingStore } from "./adapters/outbound/ring-buffer/ring-store.ts";
import { type Config, ConfigError } from "./config/config.ts";
import { ObsvtyError } from "./domain/errors.ts";
import { StrictValidator } from "./otlp/strict/strict-validator.ts";
import { closeInOrder } from "./use-cases/closing.ts";
import type { Composition } from "./use-cases/core.ts";
import { Arrivals } from "./use-cases/ingest/arrivals.ts";
import { FaultScript } from "./use-cases/ingest/fault-script.ts";
import { createIngest } from "./use-cases/ingest/ingest.ts";
import { IngestCounters } from "./use-cases/ingest/ingest-counters.ts";
import { AnswerMemory } from "./use-cases/read/answer-memory.ts";
import { EventLoopTurns } from "./use-cases/read/event-loop-turns.ts";
import { createReader } from "./use-cases/read/reader.ts";

/**
 * The composition root: the only place that makes outbound adapters and hands them to use cases. Nothing of
 * a composition is shared with another one, so that several servers can live in one process.
 * @throws ConfigError when the buffer's bounds do not fit together, or not into the memory there is
 */
export async function compose(config: Config): Promise<Composition> {
  const store = createStore(config);
  const counters = new IngestCounters();
  const arrivals = new Arrivals();
  const turns = new EventLoopTurns();
  const answers = new AnswerMemory(config.maxQueryBytes);
  const strict = createStrict(config);
  const core = {
    ingest: createIngest({ store, counters, arrivals, strict }),
    counters,
    reader: createReader({ store, counters, arrivals, turns, answers }),
    answers,
    faults: config.faultInjection ? new FaultScript() : undefined,
  };
  // Sinks will be closed before the journal that they read from. The ring has nothing to close.
  return { core, close: (abort) => closeInOrder([], abort) };
}

function createStore(config: Config): RingStore {
  return naming("MAX_BUFFER_SIZE and MAX_BUFFER_BYTES", () => {
    const { maxBufferSize: maxItems, maxBufferBytes: maxBytes } = config;
    return new RingStore({ maxItems, maxBytes, maxRequestBytes: config.maxReceiveMessageLength });
  });
}

function createStrict({ validation, maxReceiveMessageLength }: Config): StrictValidator | undefined {
  if (validation === "lenient") return undefined;
  return naming("VALIDATION=strict", () => new StrictValidator(maxReceiveMessageLength));
}

/** Makes what may be larger than there is room for, and names the settings that ask for it. */
function naming<Made>(keys: string, make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof ObsvtyError)) throw cause;
    throw new ConfigError(`${keys}: ${cause.message}`, { cause });
  }
}
