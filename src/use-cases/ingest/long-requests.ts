import type { EventLoopTurns } from "../event-loop-turns.ts";

/** Lets long requests through one after another, a step each turn of the event loop. */
export class LongRequests {
  readonly #turns: EventLoopTurns;
  #last: Promise<unknown> = Promise.resolve();

  constructor(turns: EventLoopTurns) {
    this.#turns = turns;
  }

  /** Does the work of one request when those before it are done. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Goes through all steps. */
  async through<Result>(steps: Generator<void, Result>): Promise<Result> {
    for (;;) {
      await this.#turns.next();
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }
}
