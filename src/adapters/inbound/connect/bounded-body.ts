import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { InflightBytes } from "../body/inflight-bytes.ts";
import { connectErrorOf } from "../responses/connect-error.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { UnfinishedMessage } from "./unfinished-message.ts";

export interface BodyBounds {
  /** Counts the bytes that are held. */
  readonly inflight: InflightBytes;
  /** Time for the body of a call with one message, and for each message of a stream, in milliseconds. */
  readonly timeoutMs: number;
  /** The error of a body that takes longer. */
  readonly tooSlow: () => ObsvtyError;
  /** For a call that sends many messages: the time that may pass between two of them, in milliseconds. */
  readonly idleTimeoutMs?: number;
  /** Called with the error that cut the body off, before the handler gets it. */
  readonly onCut: (error: ObsvtyError) => void;
}

/**
 * The body of a call, which fails when it takes too long, or when it is too large beside the bodies of all other
 * calls. The body of a call with one message is held until it is released; a stream holds only the message that has
 * not arrived to its end.
 */
export class BoundedBody implements AsyncIterable<Uint8Array> {
  readonly #bounds: BodyBounds;
  readonly #reader: ChunkReader;
  readonly #unfinished: UnfinishedMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #held = 0;

  constructor(source: Readable, bounds: BodyBounds) {
    this.#bounds = bounds;
    this.#reader = new ChunkReader(source);
    this.#unfinished = bounds.idleTimeoutMs === undefined ? undefined : new UnfinishedMessage();
    this.#startTimer();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const chunk = await this.#reader.next().catch((reason) => {
        throw connectErrorOf(ObsvtyError.from(reason));
      });
      if (chunk === undefined) break;
      const error = this.#hold(chunk);
      if (error !== undefined) throw this.#cut(error);
      yield chunk;
    }
    clearTimeout(this.#timer);
  }

  /** Reads nothing more and releases the bytes that are held. Calling it again does nothing. */
  end(): void {
    clearTimeout(this.#timer);
    this.#reader.stop();
    this.#bounds.inflight.release(this.#held);
    this.#held = 0;
  }

  #hold(chunk: Uint8Array): ObsvtyError | undefined {
    this.#held += chunk.byteLength;
    const error = this.#bounds.inflight.hold(chunk.byteLength, this.#held);
    const unfinished = this.#unfinished;
    if (unfinished === undefined) return error;
    const wasIdle = unfinished.byteLength === 0;
    const hasFinished = unfinished.add(chunk);
    this.#bounds.inflight.release(this.#held - unfinished.byteLength);
    this.#held = unfinished.byteLength;
    if (wasIdle || hasFinished) this.#startTimer();
    return error;
  }

  /** Of a stream: for the message that has begun, or else for the next one to begin. */
  #startTimer(): void {
    clearTimeout(this.#timer);
    const { timeoutMs, idleTimeoutMs = timeoutMs, tooSlow } = this.#bounds;
    const isIdle = this.#unfinished?.byteLength === 0;
    this.#timer = setTimeout(
      () => {
        const idle = `no message arrived within ${idleTimeoutMs} ms`;
        this.#reader.fail(this.#cut(isIdle ? new ObsvtyError("request-timeout", idle) : tooSlow()));
      },
      isIdle ? idleTimeoutMs : timeoutMs,
    );
  }

  #cut(error: ObsvtyError): ObsvtyError {
    this.#bounds.onCut(error);
    return error;
  }
}
