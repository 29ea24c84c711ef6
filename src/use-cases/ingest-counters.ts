import { type Signal, signals } from "../domain/signal.ts";

export interface SignalCounts {
  /** Items accepted since start. */
  accepted: number;
  /** Items rejected in partial successes. */
  rejected: number;
  /** Requests refused whole, whatever the reason and wherever it was found. */
  refused: number;
}

/** What happened to the exports of each signal since start. Only counts; evictions are the store's. */
export class IngestCounters {
  readonly #counts = Object.fromEntries(
    signals.map((signal) => [signal, { accepted: 0, rejected: 0, refused: 0 }]),
  ) as Record<Signal, SignalCounts>;

  accepted(signal: Signal, items: number): void {
    this.#counts[signal].accepted += items;
  }

  rejected(signal: Signal, items: number): void {
    this.#counts[signal].rejected += items;
  }

  refused(signal: Signal): void {
    this.#counts[signal].refused += 1;
  }

  of(signal: Signal): Readonly<SignalCounts> {
    return this.#counts[signal];
  }
}
