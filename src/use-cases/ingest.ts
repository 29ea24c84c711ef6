import type { IngestOutcome } from "../domain/outcome.ts";
import type { Signal } from "../domain/signal.ts";
import type { TelemetryStore } from "../ports/telemetry-store.ts";
import type { Arrivals } from "./arrivals.ts";
import type { IngestCounters } from "./ingest-counters.ts";

/**
 * Takes one encoded `Export*ServiceRequest` of any signal. Everything that receives telemetry ends here.
 * @param chunks the body in order, split anywhere; the caller's again when the call returns
 * @param byteLength the sum of the chunks' lengths
 */
export type Ingest = (signal: Signal, chunks: readonly Uint8Array[], byteLength: number) => IngestOutcome;

export function createIngest(store: TelemetryStore, counters: IngestCounters, arrivals: Arrivals): Ingest {
  return (signal, chunks, byteLength) => {
    const outcome = store.append(signal, chunks, byteLength);
    if (outcome.kind === "refused") {
      return outcome;
    }
    counters.accepted(signal, outcome.accepted);
    if (outcome.accepted > 0) {
      arrivals.announce(signal);
    }
    if (outcome.rejected === 0) {
      return { kind: "accepted", items: outcome.accepted };
    }
    counters.rejected(signal, outcome.rejected);
    return {
      kind: "partly-accepted",
      items: outcome.accepted,
      rejected: outcome.rejected,
      message: outcome.rejectedMessage,
    };
  };
}
