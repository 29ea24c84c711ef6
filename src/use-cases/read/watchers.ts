import { ObsvtyError } from "../../domain/errors.ts";

/** Each holds a connection's buffers and at most one batch of items. */
export const defaultMaxWatchers = 100;
/** Watchers end when their callers like; a second is as good a guess as any. */
const comeBackMs = 1_000;

/** Bounds how many calls last at once, so that nobody takes the memory by opening ever more. */
export class Watchers {
  readonly #max: number;
  readonly #doing: string;
  #count = 0;

  /**
   * @param max @default 100
   * @param doing what they do, as a refusal says it
   */
  constructor(max: number = defaultMaxWatchers, doing = "tail or wait") {
    this.#max = max;
    this.#doing = doing;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts one more.
   * @param abort ends it too: the call behind it may never be resumed to say so itself
   * @returns ends it; calling it again does nothing
   * @throws ObsvtyError too-many-watchers
   */
  enter(abort?: AbortSignal): () => void {
    abort?.throwIfAborted();
    if (this.#count >= this.#max) {
      const message = `${this.#max} calls ${this.#doing} already, as many as may`;
      throw new ObsvtyError("too-many-watchers", message, { retryAfterMs: comeBackMs });
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
