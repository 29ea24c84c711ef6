import type { AcceptedRequest } from "../../domain/accepted-request.ts";

/** Shorter copies than this share of a block get memory of their own. */
const LEAST_SHARE = 4;

/**
 * Memory for copies out of the store that is used again. V8 counts memory of buffers as part of its heap: a fresh
 * megabyte for each batch would have it collect garbage several times as often.
 */
export class CopyBlocks {
  readonly #blockBytes: number;
  readonly #most: number;
  readonly #free: Uint8Array[] = [];
  readonly #lent = new Map<ArrayBufferLike, Uint8Array>();

  /** @param most how many blocks there may be */
  constructor(blockBytes: number, most: number) {
    this.#blockBytes = blockBytes;
    this.#most = most;
  }

  /** Memory that may hold anything. It is a block where one is left and would not be mostly unused. */
  readonly allocate = (byteLength: number): Uint8Array => {
    const isWorthIt = byteLength <= this.#blockBytes && byteLength * LEAST_SHARE >= this.#blockBytes;
    const block = isWorthIt ? this.#takeBlock() : undefined;
    if (block === undefined) return new Uint8Array(byteLength);
    this.#lent.set(block.buffer, block);
    return block.subarray(0, byteLength);
  };

  #takeBlock(): Uint8Array | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#lent.size >= this.#most) return free;
    return new Uint8Array(this.#blockBytes);
  }

  /** @param isUnread whether nobody reads the requests any more. Otherwise their memory is never used again */
  giveBack(requests: readonly AcceptedRequest[], isUnread: boolean): void {
    for (const { bytes } of requests) {
      const block = this.#lent.get(bytes.buffer);
      if (block === undefined) continue;
      this.#lent.delete(bytes.buffer);
      if (isUnread) this.#free.push(block);
    }
  }
}
