import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";

/** A request of HTTP/1.1 or HTTP/2. */
interface Source extends Readable {
  /** Of a request whose sender has reset it. */
  readonly aborted?: boolean;
}

const events = ["readable", "end", "close", "error"] as const;

/**
 * Reads a body chunk by chunk, no faster than it is asked to. Unlike the iterator of a stream it can be stopped at
 * any time, and then leaves the request and its connection as they are.
 */
export class ChunkReader {
  readonly #source: Source;
  #wake: (() => void) | undefined;
  #error: unknown;
  #isStopped = false;

  constructor(source: Readable) {
    this.#source = source;
  }

  /**
   * The next chunk, or undefined after the last one, or when the reader was stopped.
   * @throws what `fail` was called with, or ObsvtyError `cancelled` when the caller went away
   */
  async next(): Promise<Uint8Array | undefined> {
    const source = this.#source;
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#isStopped) return undefined;
      const chunk: Uint8Array | null = source.read();
      if (chunk !== null) return chunk;
      if (source.aborted === true) throw new ObsvtyError("cancelled", "the caller went away");
      if (source.readableEnded) return undefined;
      if (source.destroyed) throw new ObsvtyError("cancelled", "the caller went away");
      await this.#change();
    }
  }

  /** Lets the current and every later call of `next` throw. */
  fail(error: unknown): void {
    this.#error ??= error;
    this.#wake?.();
  }

  /** Reads nothing more, so that the rest of the body can be dropped. */
  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        for (const event of events) this.#source.off(event, wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      for (const event of events) this.#source.on(event, wake);
    });
  }
}
