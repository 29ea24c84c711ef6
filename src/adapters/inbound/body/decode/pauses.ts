import type { ByteInput } from "./byte-input.ts";
import type { DecodedBytes } from "./decoded-bytes.ts";

/** Bytes of input and output between two pauses: a few milliseconds at the most, whatever they hold. */
const PIECE_BYTES = 2 ** 17;

/**
 * Says when a decoder should let others go on. Input counts too: there are frames and chunks that lead to no output.
 */
export class Pauses {
  readonly #output: DecodedBytes;
  #next = PIECE_BYTES;

  constructor(output: DecodedBytes) {
    this.#output = output;
  }

  /** Whether enough has been done since it was last due. */
  isDue({ at }: ByteInput): boolean {
    const done = at + this.#output.length;
    if (done < this.#next) return false;
    this.#next = done + PIECE_BYTES;
    return true;
  }
}
