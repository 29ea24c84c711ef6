/** Calls of one connection that are begun in one turn of the event loop at the least, and half of the most. */
const maxCalls = 16;
/** How long calls that wait are handled in one turn. A call may take longer than this by itself. */
const maxMs = 5;

/** A call that is no export counts as so many: Fastify and the Connect library do far more for it. */
const otherCalls = 4;

/** Bounds the calls of one connection that are begun in one turn of the event loop. */
export class CallShare {
  /** Calls begun in this turn, and in turns before in which they were few. */
  #begun = 0;

  /** Whether a call may be begun at once. One for which it answers false has to wait by `CallTurns`. */
  take(isExport = true): boolean {
    const before = this.#begun;
    this.#begun += isExport ? 1 : otherCalls;
    // Half of them may be of turns before: to note the end of each turn costs more than it saves.
    if (before < maxCalls && this.#begun >= maxCalls) setImmediate(this.#endTurn);
    return this.#begun < 2 * maxCalls;
  }

  readonly #endTurn = (): void => {
    this.#begun = 0;
  };
}

/**
 * Shares the turns of the event loop among the calls of all connections that have to wait: a few are begun in each, so
 * that a client who sends thousands at once does not hold up the others. Calls keep their order.
 */
export class CallTurns {
  readonly #waiting: (() => void)[] = [];
  #isGiving = false;
  #givingSinceMs = 0;

  /** Begins a call in a later turn. */
  later(begin: () => void): void {
    this.#waiting.push(begin);
    if (!this.#isGiving) {
      this.#isGiving = true;
      setImmediate(this.#give);
    }
  }

  /** Comes first in its turn, and prepares the next. */
  readonly #give = (): void => {
    this.#givingSinceMs = performance.now();
    this.#isGiving = this.#waiting.length > 0;
    if (!this.#isGiving) return;
    setImmediate(this.#give);
    // One by one, so that the time of what a call leaves to be done behind it counts too.
    for (let i = Math.min(maxCalls, this.#waiting.length); i > 0; i--) setImmediate(this.#beginNext);
  };

  readonly #beginNext = (): void => {
    if (performance.now() - this.#givingSinceMs < maxMs) this.#waiting.shift()?.();
  };
}
