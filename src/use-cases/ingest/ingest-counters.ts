import { type ErrorCode, errorCodesOfKept } from "../../domain/errors.ts";
import type { Rejection } from "../../domain/rejection.ts";
import { bySignal, type Signal, signals } from "../../domain/signal.ts";
import { type Transport, transports } from "../../domain/transport.ts";

/** The figures of one signal over all transports. */
export interface SignalCounts {
  /** Items accepted since start. */
  readonly accepted: number;
  /** When items were last accepted, in milliseconds since the epoch; undefined when none were. */
  readonly lastAcceptedUnixMs: number | undefined;
  /** Items rejected in partial successes. */
  readonly rejected: number;
  /** The same by what was wrong with them, without what tells one item's fault from another's. */
  readonly rejectedFor: ReadonlyMap<string, number>;
  /** Requests refused whole, of which nothing was kept, for any reason but an injected fault. */
  readonly refused: number;
  readonly refusedFor: ReadonlyMap<ErrorCode, number>;
  /** Requests that were kept, and whose callers were told that a sink has not confirmed them. */
  readonly unconfirmed: number;
  /** Requests refused by an injected fault. */
  readonly injected: number;
}

/** The figures of one signal over one transport since start. */
export interface TransportCounts {
  /** Requests whose callers were told that everything was accepted. */
  readonly acceptedRequests: number;
  /** Requests whose callers were told that some items were rejected. */
  readonly partlyAcceptedRequests: number;
  /** Requests that were answered with an error, by reason; those in `errorCodesOfKept` were kept. */
  readonly refusedRequests: ReadonlyMap<ErrorCode, number>;
  readonly acceptedItems: number;
  readonly rejectedItems: number;
  /** Encoded bytes of the requests that were kept, as inflated. */
  readonly bytes: number;
}

/** One table cell, written in place. */
class Cell implements TransportCounts {
  acceptedRequests = 0;
  partlyAcceptedRequests = 0;
  readonly refusedRequests = new Map<ErrorCode, number>();
  acceptedItems = 0;
  rejectedItems = 0;
  bytes = 0;
}

/** More kinds of faults of items are counted together. There are some dozens. */
const maxRejectionReasons = 64;
const otherReasons = "others";

/** Counts what became of the exports of each signal since start. Evictions are counted by the store. */
export class IngestCounters {
  readonly #rejectedFor = bySignal(() => new Map<string, number>());
  readonly #lastAcceptedUnixMs = bySignal((): number | undefined => undefined);
  readonly #cells = Object.fromEntries(
    signals.map((signal) => [
      signal,
      Object.fromEntries(transports.map((transport) => [transport, new Cell()])),
    ]),
  ) as Record<Signal, Record<Transport, Cell>>;

  /** Counts the items of a request that was kept, in whole or in part. */
  kept(
    signal: Signal,
    transport: Transport,
    accepted: number,
    rejections: readonly Rejection[],
    bytes: number,
  ): void {
    const cell = this.#cells[signal][transport];
    cell.acceptedItems += accepted;
    cell.bytes += bytes;
    if (accepted > 0) this.#lastAcceptedUnixMs[signal] = Date.now();
    for (const { reason, count } of rejections) {
      cell.rejectedItems += count;
      add(this.#rejectedFor[signal], kindOf(reason), count);
    }
  }

  /**
   * Counts a request that was answered without an error.
   * @param rejected items that the answer says were rejected
   */
  answered(signal: Signal, transport: Transport, rejected: number): void {
    const cell = this.#cells[signal][transport];
    if (rejected === 0) cell.acceptedRequests += 1;
    else cell.partlyAcceptedRequests += 1;
  }

  /** Counts a request that was answered with an error. */
  refused(signal: Signal, transport: Transport, reason: ErrorCode): void {
    const { refusedRequests } = this.#cells[signal][transport];
    refusedRequests.set(reason, (refusedRequests.get(reason) ?? 0) + 1);
  }

  of(signal: Signal): SignalCounts {
    const refusedFor = new Map<ErrorCode, number>();
    let accepted = 0;
    let rejected = 0;
    let refused = 0;
    let unconfirmed = 0;
    let injected = 0;
    for (const transport of transports) {
      const cell = this.#cells[signal][transport];
      accepted += cell.acceptedItems;
      rejected += cell.rejectedItems;
      for (const [reason, count] of cell.refusedRequests) {
        if (reason === "injected-fault") injected += count;
        else if (errorCodesOfKept.has(reason)) unconfirmed += count;
        else {
          refused += count;
          refusedFor.set(reason, (refusedFor.get(reason) ?? 0) + count);
        }
      }
    }
    return {
      accepted,
      lastAcceptedUnixMs: this.#lastAcceptedUnixMs[signal],
      rejected,
      rejectedFor: this.#rejectedFor[signal],
      refused,
      refusedFor,
      unconfirmed,
      injected,
    };
  }

  by(signal: Signal, transport: Transport): TransportCounts {
    return this.#cells[signal][transport];
  }
}

/** What is wrong, without the number that one item has in place of another: `trace_id must be 16 bytes, got 3`. */
function kindOf(reason: string): string {
  return reason.replace(/, got \d+$/, "");
}

function add(counts: Map<string, number>, reason: string, count: number): void {
  const known = counts.has(reason) || counts.size < maxRejectionReasons ? reason : otherReasons;
  counts.set(known, (counts.get(known) ?? 0) + count);
}
