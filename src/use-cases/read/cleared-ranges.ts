import type { OrdinalRange } from "../../ports/telemetry-store.ts";

/** Ordinals [`from`, `to`) that were no longer held when a reader came to them. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The ordinals of one signal that were cleared. All other ordinals that are no longer held were evicted.
 * Adjacent ranges join, so the list grows only when items are evicted between one `Clear` and the next.
 */
export class ClearedRanges {
  readonly #ranges: { first: number; next: number }[] = [];

  /** @param range ordinals after those of all earlier ranges */
  add({ first, next }: OrdinalRange): void {
    const last = this.#ranges.at(-1);
    if (last?.next === first) {
      last.next = next;
    } else if (first < next) {
      this.#ranges.push({ first, next });
    }
  }

  /** How many of the ordinals lost before `next` were evicted, and not cleared. */
  countEvicted(lost: readonly LostRange[], next: number): number {
    return lost.reduce((sum, range) => {
      const to = Math.min(range.to, next);
      return range.from < to ? sum + to - range.from - this.count(range.from, to) : sum;
    }, 0);
  }

  /** How many of the ordinals in [`from`, `to`) were cleared. */
  count(from: number, to: number): number {
    return this.#ranges.reduce(
      (sum, { first, next }) => sum + Math.max(0, Math.min(next, to) - Math.max(first, from)),
      0,
    );
  }
}
