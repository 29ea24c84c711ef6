import { longestHintMs } from "./limits.ts";
import type { Timers } from "./timers.ts";

/** A try that was let through; whoever made it says how it went. */
export interface Try {
  succeeded(): void;
  /** @param retryAfterMs when the destination named a time */
  failed(retryAfterMs: number | undefined): void;
}

export interface GateOptions {
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** A number from 0 to 1, for the jitter. */
  readonly random: () => number;
}

/**
 * Lets tries through to a destination. After one has failed, the others wait: then one at a time is let through, after
 * a time that doubles or that the destination named, until one succeeds.
 */
export class Gate {
  readonly #timers: Timers;
  readonly #options: GateOptions;
  #failures = 0;
  #opensAtMs = 0;
  /** The round of the tries let through since the last failure. Tries of an earlier round say nothing new. */
  #round = 0;
  #isProbing = false;
  #waiting: (() => void)[] = [];
  #callOff: (() => void) | undefined;

  constructor(timers: Timers, options: GateOptions) {
    this.#timers = timers;
    this.#options = options;
  }

  /** Whether the last try failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** The time until the next try is let through. */
  get waitMs(): number {
    return this.isFailing ? Math.max(0, this.#opensAtMs - this.#timers.now()) : 0;
  }

  /** Resolves with a try, or with undefined when the abort came first. */
  async pass(abort: AbortSignal): Promise<Try | undefined> {
    while (!abort.aborted && this.isFailing && !this.#mayProbe()) {
      await this.#turn(abort);
    }
    if (abort.aborted) {
      // The turn was this caller's, perhaps; the next one must not be forgotten.
      this.#schedule();
      return undefined;
    }
    this.#isProbing = this.isFailing;
    return this.#newTry();
  }

  #mayProbe(): boolean {
    return !this.#isProbing && this.#timers.now() >= this.#opensAtMs;
  }

  #newTry(): Try {
    const round = this.#round;
    return {
      succeeded: () => {
        if (round !== this.#round) return;
        this.#failures = 0;
        this.#isProbing = false;
        this.#releaseAll();
      },
      failed: (retryAfterMs) => {
        if (round === this.#round) {
          this.#round += 1;
          this.#failures += 1;
          this.#isProbing = false;
          this.#opensAtMs = this.#timers.now() + this.#delayMs(retryAfterMs);
        } else if (retryAfterMs !== undefined) {
          this.#opensAtMs = Math.max(this.#opensAtMs, this.#timers.now() + this.#delayMs(retryAfterMs));
        }
        this.#schedule();
      },
    };
  }

  #delayMs(retryAfterMs: number | undefined): number {
    const { firstRetryMs, longestRetryMs, random } = this.#options;
    // "At once", from a sink that goes on failing, would go round and round: it names no time.
    if (retryAfterMs !== undefined && retryAfterMs > 0) {
      // No try is made before the time that was named, and a random part keeps all from trying at that very time.
      return Math.max(firstRetryMs, Math.min(retryAfterMs, longestHintMs)) * (1 + random() / 10);
    }
    const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 30));
    return longest * (0.5 + random() / 2);
  }

  #turn(abort: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        abort.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting = this.#waiting.filter((each) => each !== go);
        resolve();
      };
      abort.addEventListener("abort", leave, { once: true });
      this.#waiting.push(go);
      this.#schedule();
    });
  }

  /** Sees to it that one of those who wait goes on when the gate opens. */
  #schedule(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#waiting.length === 0 || this.#isProbing) return;
    this.#callOff = this.#timers.after(this.waitMs, () => {
      this.#callOff = undefined;
      this.#waiting.shift()?.();
    });
  }

  #releaseAll(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    for (const go of this.#waiting.splice(0)) go();
  }
}
