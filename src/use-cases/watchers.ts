import { ObsvtyError } from "../domain/errors.ts";

/** Each holds a connection's buffers and at most one batch of items. */
export const defaultMaxWatchers = 100;
/** Watchers end when their callers like; a second is as good a guess as any. */
const comeBackMs = 1_000;

/** Bounds how many calls tail or wait at once, so that nobody takes the memory by opening ever more. */
export class Watchers {
  readonly #max: number;
  #count = 0;

  /** @param max @default 100 */
  constructor(max: number = defaultMaxWatchers) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts one more.
   * @param abortSignal ends it too: the call behind it may never be resumed to say so itself
   * @returns ends it; calling it again does nothing
   * @throws ObsvtyError too-many-watchers
   */
  enter(abortSignal?: AbortSignal): () => void {
    abortSignal?.throwIfAborted();
    if (this.#count >= this.#max) {
      throw new ObsvtyError("too-many-watchers", `${this.#max} calls tail or wait already, as many as may`, {
        retryAfterMs: comeBackMs,
      });
    }
    this.#count += 1;
    let isIn = true;
    const leave = () => {
      if (isIn) {
        isIn = false;
        this.#count -= 1;
        abortSignal?.removeEventListener("abort", leave);
      }
    };
    abortSignal?.addEventListener("abort", leave);
    return leave;
  }
}
