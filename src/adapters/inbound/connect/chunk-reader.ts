import type { Http2Session } from "node:http2";
import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import { ChunkList } from "../body/chunk-list.ts";
import { closeConnection } from "../body/shredded-body.ts";
import { bodyBytesCame } from "../listener/flood-watch.ts";
import { pieceCame } from "../listener/piece-turns.ts";

/** A request of HTTP/1.1 or HTTP/2. */
interface Source extends Readable {
  /** True for a request that its sender has reset. */
  readonly aborted?: boolean;
  /** What a request of HTTP/2 is read from. */
  readonly stream?: Readable & { readonly session?: Http2Session };
}

/**
 * Collects a body and gives it out in parts, no faster than it is asked to: while a part waits to be fetched, the
 * source is paused. Small chunks are copied together as they arrive, since Node's own queue of a paused stream
 * keeps an object of about 400 bytes for each chunk, even for a chunk of one byte. Unlike the iterator of a stream
 * it can be stopped at any time, and then leaves the request and its connection as they are.
 */
export class ChunkReader {
  readonly #source: Source;
  readonly #completesPart: (chunk: Uint8Array) => boolean;
  readonly #onShredded: () => void;
  #part = new ChunkList();
  #isPartComplete = false;
  #wake: (() => void) | undefined;
  #error: unknown;
  #isStopped = false;

  /**
   * @param completesPart called for each chunk as it arrives: whether what has arrived is to be given out
   * @param onShredded called when the body is shredded, before its connection closes
   */
  constructor(source: Readable, completesPart: (chunk: Uint8Array) => boolean, onShredded: () => void) {
    this.#source = source;
    this.#completesPart = completesPart;
    this.#onShredded = onShredded;
    source.on("data", this.#onData);
    for (const event of ["end", "close", "error"]) source.on(event, this.#onEnd);
  }

  /**
   * Bytes that have arrived and have not been fetched. Node takes all that the window allows, also when it is paused.
   */
  get waitingBytes(): number {
    const { readableLength, stream } = this.#source;
    return this.#part.byteLength + readableLength + (stream?.readableLength ?? 0);
  }

  /**
   * The chunks of the next part; none after the last part, or when the reader was stopped.
   * @throws what `fail` was called with, or ObsvtyError `cancelled` when the caller went away
   */
  async next(): Promise<readonly Uint8Array[]> {
    const source = this.#source;
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#isStopped) return [];
      if (this.#isPartComplete) return this.#takePart();
      if (source.aborted === true) throw new ObsvtyError("cancelled", "the caller went away");
      if (source.readableEnded) return this.#takePart();
      if (source.destroyed) throw new ObsvtyError("cancelled", "the caller went away");
      source.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
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
    this.#part.clear();
    this.#source.off("data", this.#onData);
    for (const event of ["end", "close", "error"]) this.#source.off(event, this.#onEnd);
    this.#wake?.();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    bodyBytesCame(this.#source, chunk.byteLength);
    if (this.#part.add(chunk)) pieceCame(this.#source);
    if (this.#part.isShredded) {
      this.#onShredded();
      closeConnection(this.#source);
      return;
    }
    if (!this.#completesPart(chunk)) return;
    this.#isPartComplete = true;
    this.#source.pause();
    this.#wake?.();
  };

  readonly #onEnd = (): void => this.#wake?.();

  #takePart(): readonly Uint8Array[] {
    const part = this.#part;
    part.close();
    this.#part = new ChunkList();
    this.#isPartComplete = false;
    return part.chunks;
  }
}
