import { ObsvtyError } from "../domain/errors.ts";

/** How long callers should wait: by then a replacement of the server may be up. */
const retryAfterMs = 1_000;

/** Whether the server takes calls. It stops once and does not start again. */
export class Lifecycle {
  readonly #stop = new AbortController();

  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Aborts when the server begins to stop, with the error that ends the calls that wait or stream. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort(new ObsvtyError("stopping", "the server is stopping", { retryAfterMs }));
  }
}
