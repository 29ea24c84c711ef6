import type { Writable } from "node:stream";

/** The most bytes that wait for the reader of the log. */
const maxWaitingBytes = 2 ** 20;

/** Node writes to terminals synchronously, and on Windows to pipes too: a reader that stops would block the process. */
interface MayBlock {
  readonly _handle?: { readonly setBlocking?: (blocking: boolean) => unknown } | null;
}

/**
 * Writes lines without ever waiting for the reader of the log. A bounded number of bytes may wait; further lines are
 * lost and counted.
 */
export class LineOutput {
  readonly #stream: Writable;
  readonly #onLost: (lines: number) => void;
  #lost = 0;
  #waitingLines = 0;
  #isBroken = false;
  #flushes: (() => void)[] = [];

  /** @param onLost called when the reader has caught up again, with the number of lines lost until then */
  constructor(stream: Writable, onLost: (lines: number) => void) {
    this.#stream = stream;
    this.#onLost = onLost;
    (stream as Writable & MayBlock)._handle?.setBlocking?.(false);
    // `#written` gets the error too.
    stream.on("error", () => {});
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#isBroken || this.#stream.writableLength + bytes.byteLength > maxWaitingBytes) {
      this.#lost += 1;
      return;
    }
    this.#waitingLines += 1;
    this.#stream.write(bytes, this.#written);
  }

  /** Whether all lines have been handed to the system. */
  get isFlushed(): boolean {
    return this.#waitingLines === 0;
  }

  /** Resolves when all lines have been handed to the system, or at the abort. */
  flush(abort: AbortSignal): Promise<void> {
    if (this.isFlushed || abort.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#flushes.push(resolve);
      abort.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  readonly #written = (error?: Error | null): void => {
    this.#waitingLines -= 1;
    if (error) {
      this.#lost += 1;
      // The reader is gone for good. Other errors, such as a full disk, may pass.
      this.#isBroken ||= (error as NodeJS.ErrnoException).code === "EPIPE";
    }
    if (this.#waitingLines > 0) {
      return;
    }
    if (this.#lost > 0 && !error) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#onLost(lost);
    }
    if (this.isFlushed) {
      for (const resolve of this.#flushes.splice(0)) resolve();
    }
  };
}
