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

  /** Takes note of bytes that arrived; an error when that is more than may be held. They count either way. */
  hold(bytes: number): ObsvtyError | undefined {
    this.#held += bytes;
    if (this.#held <= this.#max) return undefined;
    return new ObsvtyError("overloaded", `the server is reading more than ${this.#max} bytes of requests`, {
      retryAfterMs: RETRY_AFTER_MS,
    });
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}
