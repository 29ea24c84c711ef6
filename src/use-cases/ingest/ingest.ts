import type { IngestOutcome, KeptOutcome } from "../../domain/outcome.ts";
import { countOf, faultList, type Rejection, rejectionMessage } from "../../domain/rejection.ts";
import type { Signal } from "../../domain/signal.ts";
import type { Transport } from "../../domain/transport.ts";
import type { EncodingReport } from "../../otlp/json/encoding-report.ts";
import { pathAsSent } from "../../otlp/json/request-path.ts";
import { describeUnknownField } from "../../otlp/json/unknown-field.ts";
import type { StrictValidator } from "../../otlp/strict/strict-validator.ts";
import { type AppendOutcome, longRequestBytes, type TelemetryStore } from "../../ports/telemetry-store.ts";
import type { EventLoopTurns } from "../event-loop-turns.ts";
import type { Confirmation } from "../hand-on/confirmations.ts";
import type { HandOn } from "../hand-on/hand-on.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Awaiting } from "./awaiting.ts";
import { confirmedOutcome } from "./confirmed-outcome.ts";
import type { IngestCounters } from "./ingest-counters.ts";
import { LongRequests } from "./long-requests.ts";

/** A longer request is taken in steps, and its chunks are needed until the last one. */
export { longRequestBytes };

/**
 * Takes one encoded `Export*ServiceRequest` of any signal. Every way of receiving telemetry calls this.
 *
 * It answers at once when it can, and with a promise only when it has to wait for something (a journal, a
 * sink that confirms), so that an export that waits for nothing costs no promise. The promise never rejects.
 * A long request is taken in steps, and is not kept when its caller does not wait any more.
 * @param chunks the body in order, split anywhere; the caller may use them again when the call returns, or of a long
 * request when it has been taken
 * @param byteLength the sum of the chunks' lengths
 * @param transport by which the request came, for the counters
 * @param encoding what was lost when the request was encoded from JSON
 * @param deadlineMs by when the caller wants its answer, on `performance.now()`'s clock
 * @param caller undefined for one that waits for ever
 */
export type Ingest = (
  signal: Signal,
  chunks: readonly Uint8Array[],
  byteLength: number,
  transport: Transport,
  encoding?: EncodingReport,
  deadlineMs?: number,
  caller?: Awaiting,
) => IngestOutcome | Promise<IngestOutcome> | LongIngest;

/** A long request that is being taken. */
export interface LongIngest {
  readonly kind: "long";
  /** Settles when the chunks are not needed any more. Rejects with faults of the server alone, as the other does. */
  readonly taken: Promise<unknown>;
  readonly outcome: Promise<IngestOutcome>;
}

export interface IngestDependencies {
  readonly store: TelemetryStore;
  readonly counters: IngestCounters;
  readonly arrivals: Arrivals;
  /** They are for the steps of long requests alone: behind readers each step would wait for all of them. */
  readonly turns: EventLoopTurns;
  /** Warns senders of what is kept as sent; undefined unless `VALIDATION=strict`. */
  readonly strict?: StrictValidator | undefined;
  /** Undefined when no sink is set up. */
  readonly handOn?: HandOn | undefined;
}

export function createIngest(dependencies: IngestDependencies): Ingest {
  const { store, counters, arrivals, turns, strict, handOn } = dependencies;
  const longRequests = new LongRequests(turns);

  /** To be called at once when the store has kept a request: a sink that gets it before is not waited for. */
  const announce = (
    { signal, deadlineMs }: Sent,
    { accepted, firstOrdinal }: Appended,
  ): Promise<Confirmation> | undefined => {
    if (accepted === 0) return undefined;
    arrivals.announce(signal);
    return handOn?.confirm(signal, { from: firstOrdinal, end: firstOrdinal + accepted }, deadlineMs);
  };

  const settle = (
    { signal, byteLength, transport, encoding }: Sent,
    { accepted, rejections }: Appended,
    warnings: readonly Rejection[],
    confirmation: Promise<Confirmation> | undefined,
  ): IngestOutcome | Promise<IngestOutcome> => {
    const { allRejections, message } = summary(signal, rejections, warnings, encoding);
    const rejected = countOf(allRejections);
    counters.kept(signal, transport, accepted, allRejections, byteLength);
    const kept: KeptOutcome =
      message === ""
        ? { kind: "accepted", items: accepted }
        : { kind: "partly-accepted", items: accepted, rejected, message };
    if (confirmation === undefined) {
      counters.answered(signal, transport, rejected);
      return kept;
    }
    return confirmation.then((confirmed) => {
      const outcome = confirmedOutcome(signal, kept, confirmed);
      // A refusal is counted where all are.
      if (outcome.kind !== "refused") counters.answered(signal, transport, rejectedOf(outcome));
      return outcome;
    });
  };

  const takeLong = (sent: Sent): LongIngest => {
    const { signal, chunks, byteLength, caller } = sent;
    const taken = longRequests.run(async () => {
      const steps = whileWanted(caller, () => store.appendInSteps(signal, chunks, byteLength));
      const outcome = await longRequests.through(steps);
      if (outcome.kind === "refused") return () => outcome;
      const confirmation = announce(sent, outcome);
      const warnings =
        strict === undefined
          ? []
          : await longRequests.through(strict.checkInSteps(signal, chunks, byteLength));
      return () => settle(sent, outcome, warnings, confirmation);
    });
    return { kind: "long", taken, outcome: taken.then((answer) => answer()) };
  };

  return (signal, chunks, byteLength, transport, encoding, deadlineMs = Number.POSITIVE_INFINITY, caller) => {
    const error = handOn?.admit(signal);
    if (error !== undefined) {
      return { kind: "refused", error };
    }
    const sent = { signal, chunks, byteLength, transport, encoding, deadlineMs, caller };
    if (byteLength > longRequestBytes) {
      return takeLong(sent);
    }
    const outcome = store.append(signal, chunks, byteLength);
    if (outcome.kind === "refused") return outcome;
    const confirmation = announce(sent, outcome);
    return settle(sent, outcome, strict?.check(signal, chunks, byteLength) ?? [], confirmation);
  };
}

function rejectedOf(outcome: KeptOutcome): number {
  return outcome.kind === "accepted" ? 0 : outcome.rejected;
}

type Appended = Extract<AppendOutcome, { readonly kind: "kept" }>;

/** One request, as it was handed over. */
interface Sent {
  readonly signal: Signal;
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
  readonly transport: Transport;
  readonly encoding: EncodingReport | undefined;
  readonly deadlineMs: number;
  readonly caller: Awaiting | undefined;
}

/** Asks before each step whether the caller waits, and gives the request up when it does not. */
function* whileWanted(
  caller: Awaiting | undefined,
  append: () => Generator<void, AppendOutcome>,
): Generator<void, AppendOutcome> {
  const steps = append();
  try {
    for (;;) {
      const error = caller?.unwanted();
      if (error !== undefined) return { kind: "refused", error };
      const step = steps.next();
      if (step.done === true) return step.value;
      yield;
    }
  } finally {
    steps.return(undefined as never);
  }
}

/** What the sender is told: items that the encoding and the store rejected, then warnings. "" for nothing. */
function summary(
  signal: Signal,
  byStore: readonly Rejection[],
  byStrict: readonly Rejection[],
  encoding: EncodingReport | undefined,
): { readonly allRejections: readonly Rejection[]; readonly message: string } {
  if (encoding === undefined) {
    const rejected = rejectionMessage(signal, byStore);
    return { allRejections: byStore, message: joined([rejected, warningMessage(byStrict)]) };
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
  return { allRejections: rejections, message: joined(parts) };
}

function warningMessage(warnings: readonly Rejection[]): string {
  return warnings.length === 0 ? "" : `warnings: ${faultList(warnings)}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("; ");
}
