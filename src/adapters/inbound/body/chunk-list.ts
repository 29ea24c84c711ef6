import { FEW_SMALL_CHUNKS, SMALL_BYTES } from "../small-chunks.ts";
import type { Body } from "./body.ts";

const MIN_BLOCK_BYTES = SMALL_BYTES;
const MAX_BLOCK_BYTES = 65_536;
/** A body with more chunks than this, and fewer bytes than this for each of them, is shredded. */
export const SHREDDED_CHUNKS = 1_024;
export const SHREDDED_BYTES = 16;

/**
 * The chunks of a body. Small ones are copied into blocks when there are more than a few, so that a sender of tiny
 * chunks cannot make a body cost many times its bytes, and so that a byte does not keep the whole buffer alive that was
 * read from the socket.
 */
export class ChunkList implements Body {
  readonly chunks: Uint8Array[] = [];
  byteLength = 0;
  #added = 0;
  #small = 0;
  /** The last of the chunks, while it has room. */
  #block: Uint8Array | undefined;
  #used = 0;
  /** Bytes of the small chunks that were copied since the last chunk that was kept as it is. */
  #copied = 0;

  /** @returns whether it is one of the small pieces that a body has when it is cut into many */
  add(chunk: Uint8Array): boolean {
    this.byteLength += chunk.byteLength;
    this.#added += 1;
    if (chunk.byteLength < SMALL_BYTES) {
      this.#small += 1;
      if (this.#small > FEW_SMALL_CHUNKS) {
        this.#copy(chunk);
        return true;
      }
    }
    this.close();
    this.#copied = 0;
    this.chunks.push(chunk);
    return false;
  }

  /**
   * Whether the sender cuts the body into tiny pieces. No program needs that, and a piece costs about 12 us, whatever
   * it holds: a megabyte in DATA frames of one byte took a second.
   */
  get isShredded(): boolean {
    return this.#added > SHREDDED_CHUNKS && this.byteLength < this.#added * SHREDDED_BYTES;
  }

  /** Cuts the last block to what is used of it. Until then it is longer. */
  close(): void {
    if (this.#block === undefined) return;
    this.chunks[this.chunks.length - 1] = this.#block.subarray(0, this.#used);
    this.#block = undefined;
  }

  clear(): void {
    this.chunks.length = 0;
    this.#block = undefined;
  }

  #copy(chunk: Uint8Array): void {
    this.#copied += chunk.byteLength;
    let rest = chunk;
    while (rest.byteLength > 0) {
      const block = this.#block ?? this.#startBlock();
      const part = rest.subarray(0, block.byteLength - this.#used);
      block.set(part, this.#used);
      this.#used += part.byteLength;
      if (this.#used === block.byteLength) this.#block = undefined;
      rest = rest.subarray(part.byteLength);
    }
  }

  /**
   * The block is as large as the small chunks since the last large one, within bounds, so that its unused room is at
   * most as much as the body. Its bytes are not cleared: `close` cuts off those that were not written.
   */
  #startBlock(): Uint8Array {
    const block = Buffer.allocUnsafeSlow(Math.min(Math.max(this.#copied, MIN_BLOCK_BYTES), MAX_BLOCK_BYTES));
    this.#block = block;
    this.#used = 0;
    this.chunks.push(block);
    return block;
  }
}
