import type { OrdinalRange } from "../../ports/telemetry-store.ts";

/**
 * Which ordinals of one signal were cleared. Whatever else is no longer held was evicted. Grows only
 * when items are evicted between one clearing and the next: else the ranges join.
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

  /** How many of the ordinals in [`from`, `to`) were cleared. */
  count(from: number, to: number): number {
    return this.#ranges.reduce(
      (sum, { first, next }) => sum + Math.max(0, Math.min(next, to) - Math.max(first, from)),
      0,
    );
  }
}
