/**
 * Shares the thread among the readers of one core: each turn of the event loop goes to one short piece of
 * reading, in the order in which readers asked. However many readers there are, receiving waits for one piece
 * of reading and not for one of each reader.
 */
export class EventLoopTurns {
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;

  /** Resolves when the caller may hold the thread for one short piece of reading. */
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
