import { PREFIX_BYTES } from "../../../otlp/message-prefix.ts";

/**
 * Follows the length-prefixed messages of a stream (gRPC PROTOCOL-HTTP2, "Length-Prefixed-Message"; Connect's
 * envelopes are the same), to know how many bytes have arrived of a message that has not ended.
 */
export class UnfinishedMessage {
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #arrived = 0;

  /** Bytes that have arrived of the message, its prefix included; 0 between two messages. */
  get byteLength(): number {
    return this.#arrived;
  }

  /** The length that the prefix of the message declares, without the prefix; 0 until the prefix has arrived. */
  get declaredBytes(): number {
    return this.#arrived < PREFIX_BYTES ? 0 : this.#prefix.readUInt32BE(1);
  }

  /** @returns whether a message has ended with this chunk or in it */
  add(chunk: Uint8Array): boolean {
    let hasEnded = false;
    let at = 0;
    while (at < chunk.byteLength) {
      const missing = this.#missing();
      const taken = chunk.subarray(at, at + missing);
      if (this.#arrived < PREFIX_BYTES) this.#prefix.set(taken, this.#arrived);
      this.#arrived += taken.byteLength;
      at += taken.byteLength;
      if (this.#arrived >= PREFIX_BYTES && this.#missing() === 0) {
        this.#arrived = 0;
        hasEnded = true;
      }
    }
    return hasEnded;
  }

  /** Bytes until the prefix ends, then until the message ends. */
  #missing(): number {
    return this.#arrived < PREFIX_BYTES
      ? PREFIX_BYTES - this.#arrived
      : PREFIX_BYTES + this.declaredBytes - this.#arrived;
  }
}
