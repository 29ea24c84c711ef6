import type { Signal } from "../../domain/signal.ts";

/**
 * Tells who waits that something of a signal has arrived. Says neither what nor how much: that is in the
 * store. Costs one look at a set for each accepted request while nobody waits.
 */
export class Arrivals {
  readonly #waiting: Readonly<Record<Signal, Set<() => void>>> = {
    traces: new Set(),
    logs: new Set(),
    metrics: new Set(),
    profiles: new Set(),
  };

  /** Once for each request of which items were accepted, after they are in the store. */
  announce(signal: Signal): void {
    const waiting = this.#waiting[signal];
    if (waiting.size === 0) {
      return;
    }
    for (const wake of waiting) {
      wake();
    }
  }

  /** How many wait. */
  waiting(signal: Signal): number {
    return this.#waiting[signal].size;
  }

  /** Resolves at the next arrival of this signal, or when the call is aborted; never rejects. */
  next(signal: Signal, abort?: AbortSignal): Promise<void> {
    const waiting = this.#waiting[signal];
    return new Promise((resolve) => {
      const wake = () => {
        waiting.delete(wake);
        abort?.removeEventListener("abort", wake);
        resolve();
      };
      if (abort?.aborted === true) {
        resolve();
        return;
      }
      waiting.add(wake);
      abort?.addEventListener("abort", wake);
    });
  }
}
