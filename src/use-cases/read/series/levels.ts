import type { StepClock } from "./step-clock.ts";

/** A value lasts until the next one, but no longer than this: then its sender is taken for gone. */
const maxLastingNano = 300e9;

/** The values of one series that stand for a state, such as a temperature: in each step the newest one counts. */
export class Levels {
  readonly #clock: StepClock;
  readonly #add: (step: number, value: number) => void;
  #at: number | undefined;
  #value = 0;

  constructor(clock: StepClock, add: (step: number, value: number) => void) {
    this.#clock = clock;
    this.#add = add;
  }

  /** @returns false for a value that is older than one before; it is left out */
  set(at: number, value: number): boolean {
    if (this.#at !== undefined) {
      if (at < this.#at) return false;
      const last = this.#clock.stepOf(this.#at);
      const end = this.#clock.stepOf(at);
      this.#fill(last, at - this.#at <= maxLastingNano ? end : Math.min(end, last + 1));
    }
    this.#at = at;
    this.#value = value;
    return true;
  }

  /** No more values come. */
  end(): void {
    if (this.#at === undefined) return;
    const last = this.#clock.stepOf(this.#at);
    this.#fill(last, last + 1);
    this.#at = undefined;
  }

  #fill(from: number, to: number): void {
    for (let step = Math.max(0, from); step < Math.min(to, this.#clock.count); step++)
      this.#add(step, this.#value);
  }
}
