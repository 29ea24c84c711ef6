/** Calls of one connection that are begun in one turn of the event loop at the least, and half of the most. */
const maxCalls = 16;
/** How long calls that wait are handled in one turn. A call may take longer than this by itself. */
const maxMs = 5;

/** A call that is no export counts as this many exports: Fastify and the Connect library do far more for it. */
const otherCalls = 4;

function weightOf(isExport: boolean): number {
  return isExport ? 1 : otherCalls;
}

/** Bounds the calls of one connection that are begun in one turn of the event loop. */
export class CallShare {
  /** Calls begun in this turn, and in turns before in which they were few. */
  #begun = 0;

  /** Whether a call may be begun at once. One for which it answers false has to wait by `CallTurns`. */
  take(isExport = true): boolean {
    const before = this.#begun;
    this.#begun += weightOf(isExport);
    // Half of them may be of turns before: to note the end of each turn costs more than it saves.
    if (before < maxCalls && this.#begun >= maxCalls) setImmediate(this.#endTurn);
    return this.#begun < 2 * maxCalls;
  }

  /**
   * Whether more calls have come in this turn than a client can have that waits for its answers: it has cancelled the
   * others (CVE-2023-44487). Node reads 64 KiB at once, which can hold 2,300 such calls and then take 28 ms.
   * @param maxConcurrent how many calls the connection may have at a time
   */
  hasTooMany(maxConcurrent: number): boolean {
    return this.#begun > otherCalls * (maxConcurrent + 2 * maxCalls);
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
  readonly #waitingToRead: (() => void)[] = [];
  #isGiving = false;
  #givingSinceMs = 0;
  /** As in `CallShare`, of all connections. */
  #begun = 0;
  #manySinceMs = 0;

  /**
   * Whether a call may be begun at once, whichever connection it comes by: hundreds of connections may have one each. In
   * a turn with many, those that come later than the time of calls that wait have to wait by `later`, too.
   */
  take(isExport: boolean): boolean {
    const before = this.#begun;
    this.#begun += weightOf(isExport);
    if (this.#begun < maxCalls) return true;
    if (before < maxCalls) {
      this.#manySinceMs = performance.now();
      setImmediate(this.#endTurn);
      return true;
    }
    return performance.now() - this.#manySinceMs < maxMs;
  }

  readonly #endTurn = (): void => {
    this.#begun = 0;
  };

  /**
   * Begins a call in a later turn.
   * @param isReading whether it reads what is held: such calls take longest, and many of them hold up neither exports
   *   nor the probes of an orchestrator
   */
  later(begin: () => void, isReading = false): void {
    (isReading ? this.#waitingToRead : this.#waiting).push(begin);
    if (!this.#isGiving) {
      this.#isGiving = true;
      setImmediate(this.#give);
    }
  }

  /** Comes first in its turn, and prepares the next. */
  readonly #give = (): void => {
    this.#givingSinceMs = performance.now();
    const [calls, readings] = [this.#waiting.length, this.#waitingToRead.length];
    this.#isGiving = calls + readings > 0;
    if (!this.#isGiving) return;
    setImmediate(this.#give);
    // One by one, so that the time of what a call leaves to be done behind it counts too.
    for (let i = Math.min(maxCalls, calls); i > 0; i--) setImmediate(this.#beginNext);
    // Others do not keep them waiting for ever.
    if (readings > 0) setImmediate(this.#beginReading);
    for (let i = Math.min(maxCalls, readings); i > 1; i--) setImmediate(this.#beginNextReading);
  };

  readonly #beginNext = (): void => {
    if (this.#isInTime()) this.#waiting.shift()?.();
  };

  readonly #beginReading = (): void => {
    this.#waitingToRead.shift()?.();
  };

  readonly #beginNextReading = (): void => {
    if (this.#isInTime()) this.#beginReading();
  };

  #isInTime(): boolean {
    return performance.now() - this.#givingSinceMs < maxMs;
  }
}
