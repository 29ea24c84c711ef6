import { Bag } from "../bag.ts";

/** Something that has to end by a time. */
export interface Due {
  /** The time on `performance.now()`'s clock, in milliseconds. */
  readonly dueMs: number;
  /** It is called once when the time has come, unless it was deleted before. */
  overdue(): void;
}

/** The longest time by which a deadline is noticed late. */
const SWEEP_MS = 10;

/** Many deadlines on one timer. Few are ever reached, and a timer for each call would cost more than the call. */
export class Deadlines {
  readonly #awaited = new Bag<Due>();
  #timer: NodeJS.Timeout | undefined;
  #armed = false;

  add(due: Due): void {
    this.#awaited.add(due);
    if (this.#armed) return;
    this.#armed = true;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#sweep(), SWEEP_MS).unref();
    else this.#timer.refresh();
  }

  delete(due: Due): void {
    this.#awaited.delete(due);
  }

  #sweep(): void {
    const now = performance.now();
    for (const due of this.#awaited.elements()) {
      // An overdue call may have ended others, which are not told then.
      if (due.dueMs <= now && this.#awaited.delete(due)) due.overdue();
    }
    this.#armed = this.#awaited.size > 0;
    if (this.#armed) this.#timer?.refresh();
  }
}
