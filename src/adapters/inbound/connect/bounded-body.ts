import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { InflightBytes } from "../body/inflight-bytes.ts";
import { shredded } from "../body/shredded-body.ts";
import { connectErrorOf } from "../responses/connect-error.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { UnfinishedMessage } from "./unfinished-message.ts";

export interface BodyBounds {
  /** Counts the bytes that are held. */
  readonly inflight: InflightBytes;
  /** Whether messages have a prefix with their length, as in gRPC, gRPC-Web and Connect's streams. */
  readonly isEnveloped: boolean;
  /** A larger message is passed on as it arrives, so that the library refuses it. In bytes. */
  readonly maxMessageBytes: number;
  /** Time for the body of a call with one message, and for each message of a stream, in milliseconds. */
  readonly timeoutMs: number;
  /** The error of a body that takes longer. */
  readonly tooSlow: () => ObsvtyError;
  /** The time that may pass between two messages of a call that sends many, in milliseconds. */
  readonly idleTimeoutMs?: number;
  /** It is called with the error that cut the body off, before the handler gets it. */
  readonly onCut: (error: ObsvtyError) => void;
  /** Ends a call that does not take its messages because its caller reads no answers. Called after `onCut`. */
  readonly onStuck: () => void;
}

/** How often the bytes are counted that arrive behind a message that is not taken. */
const recountMs = 100;

/**
 * The body of a call, given out message by message, which fails when it takes too long, or when it is too large
 * beside the bodies of all other calls. The body of a call with one message is held until it is released; a stream
 * holds only the message that has not arrived to its end, and what arrives behind a message that is not taken.
 */
export class BoundedBody implements AsyncIterable<Uint8Array> {
  readonly #bounds: BodyBounds;
  readonly #reader: ChunkReader;
  readonly #unfinished = new UnfinishedMessage();
  #timer: NodeJS.Timeout | undefined;
  #arrived = 0;
  #held = 0;
  /** Of a stream: bytes that wait to be taken. */
  #waiting = 0;
  #atOnce: NodeJS.Immediate | undefined;
  #recount: NodeJS.Timeout | undefined;
  #isCut = false;

  constructor(source: Readable, bounds: BodyBounds) {
    this.#bounds = bounds;
    this.#reader = new ChunkReader(
      source,
      (chunk) => this.#receive(chunk),
      () => this.#cut(shredded()),
    );
    this.#startTimer();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      this.#stopWaiting();
      const chunks = await this.#reader.next().catch((reason) => {
        throw connectErrorOf(ObsvtyError.from(reason));
      });
      if (chunks.length === 0) break;
      if (this.#isStream) this.#startWaiting();
      yield* chunks;
    }
    clearTimeout(this.#timer);
  }

  /** Reads nothing more and releases the bytes that are held. Calling it again does nothing. */
  end(): void {
    clearTimeout(this.#timer);
    this.#reader.stop();
    this.#stopWaiting();
    this.#bounds.inflight.release(this.#held);
    this.#held = 0;
  }

  /** @returns whether the message is whole, or so large that the library refuses it */
  #receive(chunk: Uint8Array): boolean {
    const { inflight, isEnveloped, maxMessageBytes } = this.#bounds;
    this.#arrived += chunk.byteLength;
    this.#held += chunk.byteLength;
    const error = inflight.hold(chunk.byteLength, this.#held);
    if (error !== undefined) this.#cut(error);
    if (!isEnveloped) return this.#arrived > maxMessageBytes;
    const hasFinished = this.#followMessages(chunk);
    return hasFinished || this.#unfinished.declaredBytes > maxMessageBytes;
  }

  #followMessages(chunk: Uint8Array): boolean {
    const unfinished = this.#unfinished;
    const wasIdle = unfinished.byteLength === 0;
    const hasFinished = unfinished.add(chunk);
    if (this.#isStream) {
      this.#bounds.inflight.release(this.#held - unfinished.byteLength);
      this.#held = unfinished.byteLength;
      if (wasIdle || hasFinished) this.#startTimer();
    }
    return hasFinished;
  }

  /** From now on nobody asks for the next message. */
  #startWaiting(): void {
    // Most ask again at once.
    this.#atOnce = setImmediate(this.#countWaiting);
  }

  readonly #countWaiting = (): void => {
    const waiting = this.#reader.waitingBytes;
    const error = this.#bounds.inflight.hold(waiting - this.#waiting, this.#held + waiting);
    this.#waiting = waiting;
    if (error === undefined) {
      this.#recount = setTimeout(this.#countWaiting, recountMs);
    } else {
      this.#cut(error);
      this.#bounds.onStuck();
    }
  };

  #stopWaiting(): void {
    clearImmediate(this.#atOnce);
    clearTimeout(this.#recount);
    this.#bounds.inflight.release(this.#waiting);
    this.#waiting = 0;
  }

  get #isStream(): boolean {
    return this.#bounds.idleTimeoutMs !== undefined;
  }

  /** The timer of a stream is for the message that has begun, or else for the next one to begin. */
  #startTimer(): void {
    clearTimeout(this.#timer);
    const { timeoutMs, idleTimeoutMs = timeoutMs, tooSlow } = this.#bounds;
    const isIdle = this.#isStream && this.#unfinished.byteLength === 0;
    this.#timer = setTimeout(
      () => {
        const idle = `no message arrived within ${idleTimeoutMs} ms`;
        this.#cut(isIdle ? new ObsvtyError("request-timeout", idle) : tooSlow());
      },
      isIdle ? idleTimeoutMs : timeoutMs,
    );
  }

  #cut(error: ObsvtyError): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#bounds.onCut(error);
    this.#reader.fail(error);
  }
}
