import type { IngestOutcome } from "../../domain/outcome.ts";
import { faultList, type Rejection, rejectionMessage } from "../../domain/rejection.ts";
import type { Signal } from "../../domain/signal.ts";
import type { Transport } from "../../domain/transport.ts";
import type { EncodingReport } from "../../otlp/json/encoding-report.ts";
import { pathAsSent } from "../../otlp/json/request-path.ts";
import { describeUnknownField } from "../../otlp/json/unknown-field.ts";
import type { StrictValidator } from "../../otlp/strict/strict-validator.ts";
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

/** @param strict warns senders of what is kept as sent; undefined unless `VALIDATION=strict` */
export function createIngest(
  store: TelemetryStore,
  counters: IngestCounters,
  arrivals: Arrivals,
  strict?: StrictValidator,
): Ingest {
  return (signal, chunks, byteLength, transport, encoding) => {
    const outcome = store.append(signal, chunks, byteLength);
    if (outcome.kind === "refused") {
      return outcome;
    }
    const { accepted } = outcome;
    const warnings = strict?.check(signal, chunks, byteLength) ?? [];
    const { rejected, message } = summary(signal, outcome.rejections, warnings, encoding);
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
  byStrict: readonly Rejection[],
  encoding: EncodingReport | undefined,
): { readonly rejected: number; readonly message: string } {
  if (encoding === undefined) {
    const rejected = rejectionMessage(signal, byStore);
    return { rejected: countOf(byStore), message: joined([rejected, warningMessage(byStrict)]) };
  }
  const { omissions, unknownField, leftOut } = encoding;
  const asSent = (rejection: Rejection) => ({ ...rejection, path: pathAsSent(leftOut, rejection.path) });
  const rejections = [...encoding.rejections, ...byStore.map(asSent)];
  const parts = [
    rejectionMessage(signal, rejections),
    omissions.length === 0 ? "" : `left out: ${faultList(omissions)}`,
    unknownField === undefined ? "" : describeUnknownField(signal, unknownField),
    warningMessage([...encoding.warnings, ...byStrict.map(asSent)]),
  ];
  return { rejected: countOf(rejections), message: joined(parts) };
}

function warningMessage(warnings: readonly Rejection[]): string {
  return warnings.length === 0 ? "" : `warnings: ${faultList(warnings)}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("; ");
}

function countOf(rejections: readonly Rejection[]): number {
  return rejections.reduce((sum, { count }) => sum + count, 0);
}
