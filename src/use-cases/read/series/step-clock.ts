import type { Steps } from "../figures/nice-step.ts";

/** Times as nanoseconds since the first step begins, and the steps that they are in. */
export class StepClock {
  readonly #startUnixNano: bigint;
  readonly #step: number;
  readonly count: number;

  constructor({ startUnixNano, stepNano, count }: Steps) {
    this.#startUnixNano = startUnixNano;
    this.#step = Number(stepNano);
    this.count = count;
  }

  get stepSeconds(): number {
    return this.#step / 1e9;
  }

  at(unixNano: bigint): number {
    return Number(unixNano - this.#startUnixNano);
  }

  stepOf(at: number): number {
    return Math.floor(at / this.#step);
  }

  has(step: number): boolean {
    return step >= 0 && step < this.count;
  }

  /**
   * Visits each step that a span of time reaches into, with the part of that span which is in it.
   * What takes no time at all is in the step of its end as a whole.
   */
  forEachStep(from: number, to: number, visit: (step: number, part: number) => void): void {
    if (from >= to) {
      const step = this.stepOf(to);
      if (this.has(step)) visit(step, 1);
      return;
    }
    const first = Math.max(0, this.stepOf(from));
    for (let step = first; step < this.count && step * this.#step < to; step++) {
      const seconds = this.secondsIn(step, from, to);
      if (seconds > 0) visit(step, (seconds * 1e9) / (to - from));
    }
  }

  /** How much of a step is in a span of time. */
  secondsIn(step: number, from: number, to: number): number {
    return Math.max(0, Math.min(to, (step + 1) * this.#step) - Math.max(from, step * this.#step)) / 1e9;
  }
}
