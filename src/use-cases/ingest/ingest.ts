import type { IngestOutcome } from "../../domain/outcome.ts";
import { rejectionMessage } from "../../domain/rejection.ts";
import type { Signal } from "../../domain/signal.ts";
import type { Transport } from "../../domain/transport.ts";
import type { TelemetryStore } from "../../ports/telemetry-store.ts";
import type { Arrivals } from "./arrivals.ts";
import type { IngestCounters } from "./ingest-counters.ts";

/**
 * Takes one encoded `Export*ServiceRequest` of any signal. Every way of receiving telemetry calls this.
 *
 * It answers at once when it can, and with a promise only when it has to wait for something (a journal, a
 * sink that confirms), so that an export that waits for nothing costs no promise. The promise never rejects.
 * @param chunks the body in order, split anywhere; the caller may use them again when the call returns
 * @param byteLength the sum of the chunks' lengths
 * @param transport by which the request came, for the counters
 */
export type Ingest = (
  signal: Signal,
  chunks: readonly Uint8Array[],
  byteLength: number,
  transport: Transport,
) => IngestOutcome | Promise<IngestOutcome>;

export function createIngest(store: TelemetryStore, counters: IngestCounters, arrivals: Arrivals): Ingest {
  return (signal, chunks, byteLength, transport) => {
    const outcome = store.append(signal, chunks, byteLength);
    if (outcome.kind === "refused") {
      return outcome;
    }
    const { accepted, rejected } = outcome;
    counters.taken(signal, transport, accepted, rejected, byteLength);
    if (accepted > 0) {
      arrivals.announce(signal);
    }
    return rejected === 0
      ? { kind: "accepted", items: accepted }
      : {
          kind: "partly-accepted",
          items: accepted,
          rejected,
          message: rejectionMessage(signal, outcome.rejections),
        };
  };
}
