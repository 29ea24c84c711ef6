import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Body } from "./body.ts";
import { ChunkList } from "./chunk-list.ts";
import type { Deadlines, Due } from "./deadlines.ts";
import type { Inflater } from "./inflate.ts";
import type { InflightBytes } from "./inflight-bytes.ts";
import { closeConnection, shredded } from "./shredded-body.ts";

/** What all readers of bodies share: `app.getDecorator<ReadingResources>("bodies")`. */
export interface ReadingResources {
  /** Counts the bytes that are held at the moment. */
  readonly inflight: InflightBytes;
  readonly deadlines: Deadlines;
  readonly inflater: Inflater;
  /** It is called for each chunk of a body. */
  readonly onRead: (source: Readable, bytes: number) => void;
  /** It is called for each small piece of a body that is cut into many. */
  readonly onPiece: (source: Readable) => void;
}

/** The owner of a body. Exactly one of `onBody` and `onBodyCut` is called, once. */
export interface BodyOwner {
  /** The reader calls it after each chunk with all that has arrived so far; an error ends the reading at once. */
  checkBody(arrived: Body): ObsvtyError | undefined;
  /** The whole body has arrived. Its bytes count as in flight until this returns, or until its promise settles. */
  onBody(body: Body): undefined | Promise<void>;
  /** The reading ended before the body did; the error is `cancelled` when the client went away. */
  onBodyCut(error: ObsvtyError): void;
  /** The error of a body that has not arrived by its deadline. */
  tooSlow(): ObsvtyError;
}

const readerKey = Symbol("reader");

interface Source extends Readable {
  [readerKey]?: BodyReader | undefined;
  /** Streams of HTTP/2 have it, and requests of either version. */
  readonly aborted?: boolean;
}

/**
 * Reads one request body. The listeners are shared by all sources and find the reader on the source, so that a
 * body costs no closures.
 */
export class BodyReader implements Body, Due {
  readonly #chunks = new ChunkList();
  dueMs = Number.POSITIVE_INFINITY;
  readonly #source: Source;
  readonly #resources: ReadingResources;
  readonly #owner: BodyOwner;

  /** @param source whose `error` event has another listener */
  constructor(source: Readable, resources: ReadingResources, owner: BodyOwner) {
    this.#source = source;
    this.#resources = resources;
    this.#owner = owner;
  }

  get chunks(): readonly Uint8Array[] {
    return this.#chunks.chunks;
  }

  get byteLength(): number {
    return this.#chunks.byteLength;
  }

  /** @param dueMs by when the body must have arrived, on `performance.now()`'s clock */
  begin(dueMs: number): void {
    const source = this.#source;
    this.dueMs = dueMs;
    source[readerKey] = this;
    this.#resources.deadlines.add(this);
    source.on("data", onData);
    source.on("end", onEnd);
    source.on("close", onClose);
  }

  overdue(): void {
    this.stop(this.#owner.tooSlow());
  }

  /** The listeners of the source call it. */
  receive(chunk: Uint8Array): void {
    this.#resources.onRead(this.#source, chunk.byteLength);
    if (this.#chunks.add(chunk)) this.#resources.onPiece(this.#source);
    if (this.#chunks.isShredded) {
      this.stop(shredded());
      closeConnection(this.#source);
      return;
    }
    const error =
      this.#resources.inflight.hold(chunk.byteLength, this.byteLength) ?? this.#owner.checkBody(this);
    if (error !== undefined) this.stop(error);
  }

  /** The listeners of the source call it. */
  finish(): void {
    this.#detach();
    this.#chunks.close();
    const settled = this.#owner.onBody(this);
    if (settled === undefined) this.#release();
    else settled.finally(() => this.#release());
  }

  /** Ends the reading before the body has ended. */
  stop(error: ObsvtyError): void {
    this.#detach();
    // The rest of a refused body is read and dropped; over HTTP/2 the reply resets the stream.
    this.#source.removeListener("data", onData).resume();
    this.#owner.onBodyCut(error);
    this.#release();
  }

  #detach(): void {
    this.#source[readerKey] = undefined;
    this.#resources.deadlines.delete(this);
  }

  #release(): void {
    this.#resources.inflight.release(this.byteLength);
    this.#chunks.clear();
  }
}

function onData(this: Source, chunk: Uint8Array): void {
  this[readerKey]?.receive(chunk);
}

/** An HTTP/2 stream that its sender resets in the middle of the body emits `end` too. */
function onEnd(this: Source): void {
  if (this.aborted === true) onClose.call(this);
  else this[readerKey]?.finish();
}

/** Sources emit `close` after success too, when no reader is on them any more. */
function onClose(this: Source): void {
  this[readerKey]?.stop(new ObsvtyError("cancelled", "the client went away"));
}
