import type { Rejection } from "../../domain/rejection.ts";

/** Answers name this many kinds of faults, so that their length is bounded. */
const maxReasons = 20;

/** Counts faults by their reason, with the path of the first one of each. */
export class FaultCounts {
  readonly #faults = new Map<string, { reason: string; path: string; count: number }>();

  /** @param path called for the first fault of its kind */
  add(reason: string, count: number, path: () => string): void {
    const kind = this.#faults.has(reason) || this.#faults.size < maxReasons ? reason : "other reasons";
    const known = this.#faults.get(kind);
    if (known === undefined) this.#faults.set(kind, { reason: kind, path: path(), count });
    else known.count += count;
  }

  list(): readonly Rejection[] {
    return [...this.#faults.values()];
  }
}
