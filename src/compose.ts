import { RingStore } from "./adapters/outbound/ring-buffer/ring-store.ts";
import type { Config } from "./config/config.ts";
import type { Core } from "./use-cases/core.ts";
import { Arrivals } from "./use-cases/ingest/arrivals.ts";
import { FaultScript } from "./use-cases/ingest/fault-script.ts";
import { createIngest } from "./use-cases/ingest/ingest.ts";
import { IngestCounters } from "./use-cases/ingest/ingest-counters.ts";
import { createReader } from "./use-cases/read/reader.ts";

/**
 * The composition root: the only place that makes outbound adapters and hands them to use cases.
 * @throws ObsvtyError `invalid-argument` when the buffer's bounds do not fit its address space
 */
export function compose(config: Config): Core {
  const store = new RingStore({
    maxItems: config.maxBufferSize,
    maxBytes: config.maxBufferBytes,
    maxRequestBytes: config.maxReceiveMessageLength,
  });
  const counters = new IngestCounters();
  const arrivals = new Arrivals();
  return {
    ingest: createIngest(store, counters, arrivals),
    counters,
    reader: createReader({ store, counters, arrivals }),
    faults: config.faultInjection ? new FaultScript() : undefined,
  };
}
