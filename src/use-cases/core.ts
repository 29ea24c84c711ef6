import type { CloseFailure } from "./closing.ts";
import type { ForwardingPath } from "./hand-on/forwarding-path.ts";
import type { HandOn } from "./hand-on/hand-on.ts";
import type { FaultScript } from "./ingest/fault-script.ts";
import type { Ingest } from "./ingest/ingest.ts";
import type { IngestCounters } from "./ingest/ingest-counters.ts";
import type { Limits } from "./limits.ts";
import type { AnswerMemory } from "./read/answer-memory.ts";
import type { Reader } from "./read/reader.ts";

/** Everything that inbound adapters may do with telemetry. They read it from the Fastify decorator `core`. */
export interface Core {
  readonly ingest: Ingest;
  readonly counters: IngestCounters;
  readonly limits: Limits;
  readonly reader: Reader;
  /** Where the memory for each answer of the reader is taken from. */
  readonly answers: AnswerMemory;
  /** Undefined when FAULT_INJECTION is off. */
  readonly faults: FaultScript | undefined;
  /** Undefined when no sink is set up. */
  readonly handOn: HandOn | undefined;
  /** Undefined unless exports are handed on to another OTLP endpoint. */
  readonly forwardingPath: ForwardingPath | undefined;
}

/** A core, and how to close the adapters that it uses. */
export interface Composition {
  readonly core: Core;
  /** Looks at once whether the TLS files of sinks have changed. Undefined when there are none. */
  readonly reloadCredentials: (() => Promise<void>) | undefined;
  /**
   * Closes the outbound adapters, in order. To be called when the last call has ended.
   * @param abort aborts when the grace of the stop has run out
   * @returns those that failed to close in time
   */
  close(abort: AbortSignal): Promise<readonly CloseFailure[]>;
}
