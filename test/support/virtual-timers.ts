import type { Timers } from "../../src/use-cases/hand-on/timers.ts";

interface Timer {
  readonly atMs: number;
  readonly call: () => void;
}

/** Time that passes only when a test says so. */
export class VirtualTimers implements Timers {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  every(ms: number, call: () => void): () => void {
    let callOff = () => {};
    const again = () => {
      callOff = this.after(ms, again);
      call();
    };
    callOff = this.after(ms, again);
    return () => callOff();
  }

  /** Lets what is due in this time happen, each thing with all that follows from it. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.call();
      await settled();
    }
    this.#nowMs = endMs;
  }
}

/** Resolves when everything that waits for nothing but other promises has gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
