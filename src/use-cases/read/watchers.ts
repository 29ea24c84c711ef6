import { ObsvtyError } from "../../domain/errors.ts";

/** Each call holds a connection's buffers and at most one batch of items. */
export const defaultMaxWatchers = 100;
/** Nobody knows when a call ends that lasts as long as its caller likes: a second is a guess. */
const retryAfterMs = 1_000;

/** Bounds how many calls that last there are at a time, so that no caller can take all memory with them. */
export class Watchers {
  readonly #max: number;
  readonly #calls: string;
  #count = 0;

  /**
   * @param max @default 100
   * @param calls what they are, as a refusal says it
   */
  constructor(max: number = defaultMaxWatchers, calls = "Tail and WaitFor") {
    this.#max = max;
    this.#calls = calls;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts one call more.
   * @param abort ends the call too: a call that is aborted may never be resumed to say so itself
   * @returns ends the call; calling it again does nothing
   * @throws ObsvtyError too-many-watchers
   */
  enter(abort?: AbortSignal): () => void {
    abort?.throwIfAborted();
    if (this.#count >= this.#max) {
      const message = `limit of ${this.#max} concurrent ${this.#calls} calls reached`;
      throw new ObsvtyError("too-many-watchers", message, { retryAfterMs });
    }
    this.#count += 1;
    let isIn = true;
    const leave = () => {
      if (isIn) {
        isIn = false;
        this.#count -= 1;
        abort?.removeEventListener("abort", leave);
      }
    };
    abort?.addEventListener("abort", leave);
    return leave;
  }
}
