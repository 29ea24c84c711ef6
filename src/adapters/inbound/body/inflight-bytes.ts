import { ObsvtyError } from "../../../domain/errors.ts";

/** What a client is asked to wait before it tries again when the server has its hands full. */
const RETRY_AFTER_MS = 1000;

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
   * Takes note of bytes that arrived; an error when that is more than may be held. They count either way.
   * A request that is alone is never too much: it has its own limit, which its framing does not count for.
   * @param ofRequest all that has arrived of the same request, these bytes included
   */
  hold(bytes: number, ofRequest: number): ObsvtyError | undefined {
    this.#held += bytes;
    if (this.#held <= this.#max || this.#held === ofRequest) return undefined;
    return new ObsvtyError("overloaded", `the server is reading more than ${this.#max} bytes of requests`, {
      retryAfterMs: RETRY_AFTER_MS,
    });
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}
