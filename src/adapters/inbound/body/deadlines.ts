/** Something that is to happen by a time. */
export interface Due {
  /** On `performance.now()`'s clock, in milliseconds. */
  readonly dueMs: number;
  /** Called once, when the time has come and it is still awaited. */
  overdue(): void;
}

/** How late a deadline may be noticed. */
const SWEEP_MS = 10;

/** Many deadlines that are seldom reached, on one timer: arming one for each call would cost more than the call. */
export class Deadlines {
  readonly #awaited = new Set<Due>();
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
    for (const due of this.#awaited) {
      if (due.dueMs <= now) {
        this.#awaited.delete(due);
        due.overdue();
      }
    }
    this.#armed = this.#awaited.size > 0;
    if (this.#armed) this.#timer?.refresh();
  }
}
