import { ObsvtyError } from "../domain/errors.ts";

/** How soon whoever takes over from a stopping server can be expected. */
const comeBackMs = 1_000;

/** Whether the server still takes calls. Stops once, for good. */
export class Lifecycle {
  readonly #stop = new AbortController();

  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Aborts when stopping starts, with the error that callers get: calls that wait or stream end with it. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort(new ObsvtyError("stopping", "the server is stopping", { retryAfterMs: comeBackMs }));
  }
}
