import type { ErrorCode } from "../../domain/errors.ts";
import { type Signal, signals } from "../../domain/signal.ts";
import { type Transport, transports } from "../../domain/transport.ts";

/** The figures of one signal over all transports. */
export interface SignalCounts {
  /** Items accepted since start. */
  readonly accepted: number;
  /** Items rejected in partial successes. */
  readonly rejected: number;
  /** Requests refused whole, for any reason but an injected fault. */
  readonly refused: number;
  /** Requests refused by an injected fault. */
  readonly injected: number;
}

/** The figures of one signal over one transport since start. */
export interface TransportCounts {
  /** Requests of which everything was accepted. */
  readonly acceptedRequests: number;
  /** Requests of which some items were rejected. */
  readonly partlyAcceptedRequests: number;
  /** Requests refused whole, by reason. */
  readonly refusedRequests: ReadonlyMap<ErrorCode, number>;
  readonly acceptedItems: number;
  readonly rejectedItems: number;
  /** Encoded bytes of the requests that were not refused, as inflated. */
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

/** Counts what became of the exports of each signal since start. Evictions are counted by the store. */
export class IngestCounters {
  readonly #cells = Object.fromEntries(
    signals.map((signal) => [
      signal,
      Object.fromEntries(transports.map((transport) => [transport, new Cell()])),
    ]),
  ) as Record<Signal, Record<Transport, Cell>>;

  /** Counts a request that was accepted, in whole or in part. */
  taken(signal: Signal, transport: Transport, accepted: number, rejected: number, bytes: number): void {
    const cell = this.#cells[signal][transport];
    cell.acceptedItems += accepted;
    cell.bytes += bytes;
    if (rejected === 0) {
      cell.acceptedRequests += 1;
    } else {
      cell.partlyAcceptedRequests += 1;
      cell.rejectedItems += rejected;
    }
  }

  /** Counts a request that was refused whole. */
  refused(signal: Signal, transport: Transport, reason: ErrorCode): void {
    const { refusedRequests } = this.#cells[signal][transport];
    refusedRequests.set(reason, (refusedRequests.get(reason) ?? 0) + 1);
  }

  of(signal: Signal): SignalCounts {
    let accepted = 0;
    let rejected = 0;
    let refused = 0;
    let injected = 0;
    for (const transport of transports) {
      const cell = this.#cells[signal][transport];
      accepted += cell.acceptedItems;
      rejected += cell.rejectedItems;
      for (const [reason, count] of cell.refusedRequests) {
        if (reason === "injected-fault") injected += count;
        else refused += count;
      }
    }
    return { accepted, rejected, refused, injected };
  }

  by(signal: Signal, transport: Transport): TransportCounts {
    return this.#cells[signal][transport];
  }
}
