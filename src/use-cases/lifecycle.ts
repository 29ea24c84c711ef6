import { ObsvtyError } from "../domain/errors.ts";

/** Whether the server takes calls. It stops once and does not start again. */
export class Lifecycle {
  readonly #stop = new AbortController();

  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Aborts when the server begins to stop, with the error that ends the calls that wait or stream. */
  get abort(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort(new ObsvtyError("stopping", "the server is stopping"));
  }
}
