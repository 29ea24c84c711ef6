import { bySignal, type Signal } from "../../domain/signal.ts";

/** How many are remembered for each signal, so that none of them counts twice. */
const maxRemembered = 10_000;

/**
 * Counts the items that could not be decoded or shown when they were read. The scanner should refuse their requests;
 * an item that it lets through must not end every search of its signal.
 */
export class UnreadableItems {
  readonly #ordinals = bySignal(() => new Set<number>());
  readonly #counts = bySignal(() => 0);

  /** Items of this signal since start, each counted once. */
  count(signal: Signal): number {
    return this.#counts[signal];
  }

  note(signal: Signal, ordinal: number): void {
    const ordinals = this.#ordinals[signal];
    if (ordinals.has(ordinal)) return;
    this.#counts[signal] += 1;
    ordinals.add(ordinal);
    if (ordinals.size > maxRemembered) {
      const [oldest] = ordinals;
      ordinals.delete(oldest ?? ordinal);
    }
  }
}
