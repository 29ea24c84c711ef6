import type { CloseFailure } from "./closing.ts";
import type { FaultScript } from "./ingest/fault-script.ts";
import type { Ingest } from "./ingest/ingest.ts";
import type { IngestCounters } from "./ingest/ingest-counters.ts";
import type { AnswerMemory } from "./read/answer-memory.ts";
import type { Reader } from "./read/reader.ts";

/** All that inbound adapters may do. Reaches them through the Fastify decorator `core`. */
export interface Core {
  readonly ingest: Ingest;
  readonly counters: IngestCounters;
  readonly reader: Reader;
  /** Where the memory for each answer of the reader is taken from. */
  readonly answers: AnswerMemory;
  /** Undefined when exports never fail on purpose. */
  readonly faults: FaultScript | undefined;
}

/** A core, and the end of what it stands on. */
export interface Composition {
  readonly core: Core;
  /**
   * Closes what the core stands on, in order, after the last call has ended.
   * @param abort aborts when the grace of the stop has run out
   * @returns what could not be closed in order
   */
  close(abort: AbortSignal): Promise<readonly CloseFailure[]>;
}
