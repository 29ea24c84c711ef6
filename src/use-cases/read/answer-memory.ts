import { ObsvtyError } from "../../domain/errors.ts";

/** Bounds the bytes of all answers that are being made or sent at a time. */
export class AnswerMemory {
  readonly maxBytes: number;
  #bytes = 0;
  readonly #waiting = new Set<() => void>();

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes of all answers now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The share of one answer. Its opener releases it when the answer has been sent, or will not be sent. */
  open(): AnswerShare {
    return new AnswerShare(this);
  }

  /** Whether there is room. An answer that is alone has it, whatever its size: else it could never be made. */
  hasRoom(bytes: number, own: number): boolean {
    return this.#bytes + bytes <= this.maxBytes || this.#bytes === own;
  }

  /** The shares call it. */
  change(bytes: number): void {
    this.#bytes += bytes;
    if (bytes < 0) {
      for (const wake of this.#waiting) wake();
    }
  }

  /** Resolves when some memory has been released, or when the call is aborted; never rejects. */
  nextRelease(abort: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        abort?.removeEventListener("abort", wake);
        resolve();
      };
      if (abort?.aborted === true) {
        resolve();
        return;
      }
      this.#waiting.add(wake);
      abort?.addEventListener("abort", wake);
    });
  }
}

/** What one answer holds of the memory for answers. */
export class AnswerShare {
  readonly #memory: AnswerMemory;
  #bytes = 0;
  #isReleased = false;

  constructor(memory: AnswerMemory) {
    this.#memory = memory;
  }

  /** No answer gets more than the memory for all of them. */
  get maxBytes(): number {
    return this.#memory.maxBytes;
  }

  /**
   * Takes memory for a part of the answer.
   * @throws ObsvtyError answers-too-large when other answers leave too little
   */
  take(bytes: number): void {
    if (this.#isReleased) return;
    if (!this.#memory.hasRoom(bytes, this.#bytes)) {
      const message = `the answers being made reach ${this.#memory.maxBytes} bytes together (MAX_QUERY_BYTES)`;
      throw new ObsvtyError("answers-too-large", message);
    }
    this.#bytes += bytes;
    this.#memory.change(bytes);
  }

  /**
   * A part of the answer that grows while it is made: it is told how many bytes it has now, and takes what is more
   * than before. It throws as `take` does.
   */
  growingPart(): (bytes: number) => void {
    let taken = 0;
    return (bytes) => {
      if (bytes <= taken) return;
      this.take(bytes - taken);
      taken = bytes;
    };
  }

  /** Does the same as `take`, but waits until the memory is there. Rejects with the reason of the abort. */
  async takeLater(bytes: number, abort: AbortSignal | undefined): Promise<void> {
    while (!this.#memory.hasRoom(bytes, this.#bytes)) {
      await this.#memory.nextRelease(abort);
      abort?.throwIfAborted();
    }
    this.take(bytes);
  }

  /** Holds this many bytes from now on, whether they are more or less than before: they are there already. */
  resize(bytes: number): void {
    if (this.#isReleased) return;
    const before = this.#bytes;
    this.#bytes = bytes;
    this.#memory.change(bytes - before);
  }

  /** Releases all that it holds. Nothing can be taken afterwards. Calling it again does nothing. */
  release(): void {
    this.resize(0);
    this.#isReleased = true;
  }
}
