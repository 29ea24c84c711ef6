import type { EncodedItem } from "../../domain/encoded-item.ts";
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

/** The items of one answer that could not be decoded or shown: each is skipped and counted. */
export class ItemReading<Item> {
  readonly #signal: Signal;
  readonly #decode: (encoded: EncodedItem) => Item;
  readonly #unreadable: UnreadableItems;
  readonly #failed = new Set<number>();

  constructor(
    unreadable: UnreadableItems,
    { signal, decode }: { readonly signal: Signal; readonly decode: (encoded: EncodedItem) => Item },
  ) {
    this.#unreadable = unreadable;
    this.#signal = signal;
    this.#decode = decode;
  }

  /** How many there were. */
  get unreadable(): number {
    return this.#failed.size;
  }

  /** Undefined when the item cannot be decoded. */
  decode(encoded: EncodedItem): Item | undefined {
    return this.attempt(encoded.ordinal, () => this.#decode(encoded));
  }

  /** Runs a function that may throw because of the item. Undefined when it throws. */
  attempt<Result>(ordinal: number, act: () => Result): Result | undefined {
    try {
      return act();
    } catch {
      this.#failed.add(ordinal);
      this.#unreadable.note(this.#signal, ordinal);
      return undefined;
    }
  }
}
