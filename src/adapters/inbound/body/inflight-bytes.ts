import { ObsvtyError } from "../../../domain/errors.ts";

/** The bytes of all requests being read at the moment, bounded by MAX_INFLIGHT_BYTES. */
export class InflightBytes {
  readonly #max: number;
  #held = 0;

  constructor(maxBytes: number) {
    this.#max = maxBytes;
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held;
  }

  /**
   * Counts bytes that have arrived. Returns an error when more bytes are held than the maximum; they count
   * nevertheless, until they are released. A request that is alone is never refused: it has a limit of its own.
   * @param ofRequest all bytes that have arrived of the same request, these included
   */
  hold(bytes: number, ofRequest: number): ObsvtyError | undefined {
    this.#held += bytes;
    if (this.#held <= this.#max || this.#held === ofRequest) return undefined;
    return new ObsvtyError("overloaded", `the server is reading more than ${this.#max} bytes of requests`);
  }

  /**
   * Counts bytes that are made of a request until the work with them is done.
   * @param ofRequest all bytes of the same request that are held already
   * @throws ObsvtyError `overloaded`, before the work has begun; and what the work throws
   */
  during(bytes: number, ofRequest: number, work: () => undefined | Promise<void>): undefined | Promise<void> {
    let working: undefined | Promise<void>;
    try {
      const error = this.hold(bytes, ofRequest + bytes);
      if (error !== undefined) throw error;
      working = work();
    } finally {
      if (working === undefined) this.release(bytes);
    }
    return working?.finally(() => this.release(bytes));
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}
