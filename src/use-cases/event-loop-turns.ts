/**
 * Shares the thread among pieces of work of one sort: each turn of the event loop goes to one piece, in the order in
 * which they asked. However many there are, all else waits for one piece and not for one of each.
 *
 * A core has one for reading and one for receiving, so that many readers do not hold up a long export.
 */
export class EventLoopTurns {
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;

  /** Resolves when the caller may hold the thread for one short piece of work. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isScheduled) {
        this.#isScheduled = true;
        setImmediate(this.#give);
      }
    });
  }

  readonly #give = (): void => {
    this.#waiting.shift()?.();
    this.#isScheduled = this.#waiting.length > 0;
    if (this.#isScheduled) {
      // This schedules the next turn of the loop: what is scheduled from here does not run in this one.
      setImmediate(this.#give);
    }
  };
}
