import type { BatchOutcome } from "./batch.ts";
import type { BatchRange } from "./lane.ts";
import type { Timers } from "./timers.ts";

/** What an export that waits for a sink learns. */
export type Confirmation =
  /** The sink has its items, but for those that it refused. */
  | { readonly kind: "confirmed"; readonly refused: number }
  /** The sink will never take it. */
  | { readonly kind: "refused"; readonly code: string }
  /** It was evicted or cleared before it was handed on. */
  | { readonly kind: "missed" }
  /** The time is up. It may be handed on yet. */
  | { readonly kind: "late" };

/** Time that the answer gets to reach the caller: this part of what is left, and this much at most. */
const answerShare = 0.1;
const longestAnswerMs = 500;

interface Waiter {
  readonly range: BatchRange;
  itemsLeft: number;
  refused: number;
  readonly settle: (confirmation: Confirmation) => void;
  /** Has the export answered in time for a deadline, in place of the one before. */
  readonly answerBy: (deadlineMs: number) => void;
}

/** The exports that wait until one sink has their items. They arrived in order of their ordinals. */
export class Confirmations {
  readonly #timers: Timers;
  /** The exports that wait, by the ordinals of their first items. */
  readonly #waiting = new Map<number, Waiter>();
  /** When the server ends, on the clock of the timers. */
  #endMs = Number.POSITIVE_INFINITY;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** @param deadlineMs by when the caller wants its answer, on the clock of the timers */
  wait(range: BatchRange, deadlineMs: number): Promise<Confirmation> {
    const { promise, resolve } = Promise.withResolvers<Confirmation>();
    let callOff = () => {};
    const settle = (confirmation: Confirmation) => {
      callOff();
      this.#waiting.delete(range.from);
      resolve(confirmation);
    };
    const answerBy = (byMs: number) => {
      callOff();
      const leftMs = Math.min(deadlineMs, byMs) - this.#timers.now();
      if (leftMs === Number.POSITIVE_INFINITY) return;
      const waitMs = leftMs - Math.min(longestAnswerMs, leftMs * answerShare);
      callOff = this.#timers.after(Math.max(0, waitMs), () => settle({ kind: "late" }));
    };
    this.#waiting.set(range.from, { range, itemsLeft: range.end - range.from, refused: 0, settle, answerBy });
    answerBy(this.#endMs);
    return promise;
  }

  /** Has all exports answered before the server ends, also those that begin to wait later. */
  end(endMs: number): void {
    this.#endMs = endMs;
    for (const { answerBy } of this.#waiting.values()) answerBy(endMs);
  }

  onOutcome({ from, end }: BatchRange, { refused, code }: BatchOutcome): void {
    const waiter = this.#waiting.get(from) ?? this.#waiterAround(from);
    if (waiter === undefined) return;
    if (code !== undefined) {
      waiter.settle({ kind: "refused", code });
      return;
    }
    waiter.itemsLeft -= end - from;
    waiter.refused += refused;
    if (waiter.itemsLeft <= 0) waiter.settle({ kind: "confirmed", refused: waiter.refused });
  }

  onMissed({ from, end }: BatchRange): void {
    for (const { range, settle } of this.#waiting.values()) {
      if (range.from < end && range.end > from) settle({ kind: "missed" });
    }
  }

  /** The one that a part of a long request belongs to. */
  #waiterAround(ordinal: number): Waiter | undefined {
    for (const waiter of this.#waiting.values()) {
      if (waiter.range.from <= ordinal && ordinal < waiter.range.end) return waiter;
    }
    return undefined;
  }
}
