import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Body } from "./body.ts";
import type { Deadlines, Due } from "./deadlines.ts";
import type { InflightBytes } from "./inflight-bytes.ts";

/** What all readings share. */
export interface ReadingResources {
  /** Where the bytes held meanwhile are counted. */
  readonly inflight: InflightBytes;
  readonly deadlines: Deadlines;
}

const readingKey = Symbol("reading");

interface Source extends Readable {
  [readingKey]?: BodyReading | undefined;
  /** Of HTTP/2 streams, and of requests of either version. */
  readonly aborted?: boolean;
}

/**
 * One request body on its way in. Exactly one of `complete` and `abandon` is called, once. The listeners are
 * shared by all sources and find the reading on them, so that a body costs no closures.
 */
export abstract class BodyReading implements Body, Due {
  readonly chunks: Uint8Array[] = [];
  byteLength = 0;
  abstract readonly dueMs: number;
  readonly #source: Source;
  readonly #resources: ReadingResources;

  /** @param source whose `error` event somebody else listens to */
  constructor(source: Readable, resources: ReadingResources) {
    this.#source = source;
    this.#resources = resources;
  }

  /** Looks at what has arrived so far; an error ends the reading at once. */
  protected abstract check(): ObsvtyError | undefined;
  /** The whole body is there. Its bytes count as in flight until this returns, or its promise settles. */
  protected abstract complete(): undefined | Promise<void>;
  /** The reading ended before the body did; `cancelled` when the client went away. */
  protected abstract abandon(error: ObsvtyError): void;
  /** What running out of time is. */
  protected abstract tooSlow(): ObsvtyError;

  /** Starts to read. */
  protected begin(): void {
    const source = this.#source;
    source[readingKey] = this;
    this.#resources.deadlines.add(this);
    source.on("data", onData);
    source.on("end", onEnd);
    source.on("close", onClose);
  }

  overdue(): void {
    this.stop(this.tooSlow());
  }

  /** For the listeners of the source. */
  receive(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.byteLength += chunk.byteLength;
    const error = this.#resources.inflight.hold(chunk.byteLength, this.byteLength) ?? this.check();
    if (error !== undefined) this.stop(error);
  }

  /** For the listeners of the source. */
  finish(): void {
    this.#detach();
    const settled = this.complete();
    if (settled === undefined) this.#release();
    else settled.finally(() => this.#release());
  }

  /** Ends the reading before the body has ended. */
  stop(error: ObsvtyError): void {
    this.#detach();
    // What still comes of a refused body is drained unseen; the reply resets the stream.
    this.#source.removeListener("data", onData).resume();
    this.abandon(error);
    this.#release();
  }

  #detach(): void {
    this.#source[readingKey] = undefined;
    this.#resources.deadlines.delete(this);
  }

  #release(): void {
    this.#resources.inflight.release(this.byteLength);
    this.chunks.length = 0;
  }
}

function onData(this: Source, chunk: Uint8Array): void {
  this[readingKey]?.receive(chunk);
}

/** An HTTP/2 stream that its sender resets ends too, in the middle of the body. */
function onEnd(this: Source): void {
  if (this.aborted === true) onClose.call(this);
  else this[readingKey]?.finish();
}

/** Sources close after success too, when nothing is being read any more. */
function onClose(this: Source): void {
  this[readingKey]?.stop(new ObsvtyError("cancelled", "the client went away"));
}
