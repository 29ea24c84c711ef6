import type { FaultScript } from "./ingest/fault-script.ts";
import type { Ingest } from "./ingest/ingest.ts";
import type { IngestCounters } from "./ingest/ingest-counters.ts";
import type { Reader } from "./read/reader.ts";

/** All that inbound adapters may do. Reaches them through the Fastify decorator `core`. */
export interface Core {
  readonly ingest: Ingest;
  readonly counters: IngestCounters;
  readonly reader: Reader;
  /** Undefined when exports never fail on purpose. */
  readonly faults: FaultScript | undefined;
}
