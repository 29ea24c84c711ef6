import { bySignal, type Signal } from "../../domain/signal.ts";

/**
 * Wakes the readers that wait for items of a signal when some have arrived. What arrived they find in the
 * store. While no reader waits, an accepted request costs one look at a set.
 */
export class Arrivals {
  readonly #waiting = bySignal(() => new Set<() => void>());

  /** Ingest calls it once for each request of which items were accepted, when they are in the store. */
  announce(signal: Signal): void {
    const waiting = this.#waiting[signal];
    if (waiting.size === 0) {
      return;
    }
    for (const wake of waiting) {
      wake();
    }
  }

  /** How many readers wait. */
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
