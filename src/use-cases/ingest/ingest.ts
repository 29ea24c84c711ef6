import type { IngestOutcome } from "../../domain/outcome.ts";
import { faultList, type Rejection, rejectionMessage } from "../../domain/rejection.ts";
import type { Signal } from "../../domain/signal.ts";
import type { Transport } from "../../domain/transport.ts";
import type { EncodingReport } from "../../otlp/json/encoding-report.ts";
import { pathAsSent } from "../../otlp/json/request-path.ts";
import { describeUnknownField } from "../../otlp/json/unknown-field.ts";
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
 * @param encoding what was lost when the request was encoded from JSON
 */
export type Ingest = (
  signal: Signal,
  chunks: readonly Uint8Array[],
  byteLength: number,
  transport: Transport,
  encoding?: EncodingReport,
) => IngestOutcome | Promise<IngestOutcome>;

export function createIngest(store: TelemetryStore, counters: IngestCounters, arrivals: Arrivals): Ingest {
  return (signal, chunks, byteLength, transport, encoding) => {
    const outcome = store.append(signal, chunks, byteLength);
    if (outcome.kind === "refused") {
      return outcome;
    }
    const { accepted } = outcome;
    const { rejected, message } = summary(signal, outcome.rejections, encoding);
    counters.taken(signal, transport, accepted, rejected, byteLength);
    if (accepted > 0) {
      arrivals.announce(signal);
    }
    return message === ""
      ? { kind: "accepted", items: accepted }
      : { kind: "partly-accepted", items: accepted, rejected, message };
  };
}

/** What the sender is told: items that the encoding and the store rejected, then warnings. "" for nothing. */
function summary(
  signal: Signal,
  byStore: readonly Rejection[],
  encoding: EncodingReport | undefined,
): { readonly rejected: number; readonly message: string } {
  if (encoding === undefined)
    return { rejected: countOf(byStore), message: rejectionMessage(signal, byStore) };
  const { omissions, unknownField, leftOut } = encoding;
  const rejections = [
    ...encoding.rejections,
    ...byStore.map((rejection) => ({ ...rejection, path: pathAsSent(leftOut, rejection.path) })),
  ];
  const parts = [
    rejectionMessage(signal, rejections),
    omissions.length === 0 ? "" : `left out: ${faultList(omissions)}`,
    unknownField === undefined ? "" : describeUnknownField(signal, unknownField),
  ];
  return { rejected: countOf(rejections), message: parts.filter((part) => part !== "").join("; ") };
}

function countOf(rejections: readonly Rejection[]): number {
  return rejections.reduce((sum, { count }) => sum + count, 0);
}
