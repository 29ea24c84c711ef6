import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { CallTurns } from "./call-turns.ts";

/** Ends the headers of a request, and a body in chunks (RFC 9112, 2.1 and 7.1). */
const endMark = Buffer.from("\r\n\r\n");
/** A body in chunks is cut at end marks, but not into smaller pieces than this. */
const minChunkedBytes = 128;
const noBytes = Buffer.alloc(0);

/** `_paused` is how Node's HTTP/1.1 server says that it takes no bytes now. It resumes the socket by itself. */
type Http1Socket = Socket & { readonly _paused?: boolean };

/** How far the requests of a connection have come. */
export interface RequestStates {
  /** Whether any request is not answered. */
  readonly isBusy: boolean;
  /** The newest request that the parser has begun to read. */
  readonly newest: IncomingMessage | undefined;
}

/**
 * Gives the bytes of an HTTP/1.1 connection to Node's parser one request at a time. The next request waits in the
 * socket until the one before is answered and others have had their turn. Bytes are only cut, where a request may
 * end, and never changed: the parser alone says what a request is.
 */
export class Http1Input {
  readonly #socket: Http1Socket;
  readonly #requests: RequestStates;
  readonly #turns: CallTurns;
  /** Node's own listener. */
  readonly #parse: (bytes: NonSharedBuffer) => void;
  /** How much is to come of the newest request's body; undefined when that is not known. */
  #bodyLeft: number | undefined;
  /** The last bytes of headers that have not ended: an end mark may have begun in them. */
  #tail = noBytes;
  #isHolding = false;
  #isResuming = false;

  /** @param socket that Node's HTTP/1.1 server has */
  constructor(socket: Socket, requests: RequestStates, turns: CallTurns) {
    const [parse] = socket.listeners("data");
    if (parse === undefined) {
      throw new Error("node:http no longer takes bytes by an event");
    }
    this.#socket = socket;
    this.#requests = requests;
    this.#turns = turns;
    this.#parse = (bytes) => parse.call(socket, bytes);
    // Node's parser reads past the socket until there is another listener.
    socket.on("data", this.#onData);
    socket.off("data", parse as (bytes: NonSharedBuffer) => void);
  }

  /** The headers of a request have come. */
  begin({ headers: { "content-length": length } }: IncomingMessage): void {
    this.#bodyLeft = length === undefined ? undefined : Number(length);
  }

  /** All requests are answered. */
  goOn(): void {
    if (this.#isHolding) this.#resumeLater();
  }

  get #isInBody(): boolean {
    return this.#requests.newest?.complete === false;
  }

  /** Whether a request may be parsed: those before are answered, and the caller has read the answers. */
  get #mayTakeRequest(): boolean {
    return !this.#requests.isBusy && !this.#socket.writableNeedDrain;
  }

  readonly #onData = (bytes: NonSharedBuffer): void => {
    const socket = this.#socket;
    this.#isHolding = false;
    let rest = bytes;
    // A connection that is being closed answers nothing more.
    while (rest.byteLength > 0 && socket.writable) {
      if (socket._paused === true || !(this.#isInBody || this.#mayTakeRequest)) {
        this.#hold(rest);
        return;
      }
      const length = this.#sliceLength(rest);
      this.#parse(length === rest.byteLength ? rest : rest.subarray(0, length));
      rest = rest.subarray(length);
      if (rest.byteLength === 0) return;
      if (!this.#isInBody) {
        this.#hold(rest);
        return;
      }
      if (socket.isPaused()) {
        // The reader of the body resumes it.
        socket.unshift(rest);
        return;
      }
    }
  };

  /** How many of these bytes hold the end of one request and no more. */
  #sliceLength(bytes: NonSharedBuffer): number {
    if (!this.#isInBody) return this.#headersLength(bytes);
    if (this.#bodyLeft !== undefined && this.#bodyLeft > 0) {
      const length = Math.min(this.#bodyLeft, bytes.byteLength);
      this.#bodyLeft -= length;
      return length;
    }
    return lengthTo(bytes.indexOf(endMark, minChunkedBytes - endMark.byteLength), bytes);
  }

  #headersLength(bytes: NonSharedBuffer): number {
    const tail = this.#tail;
    this.#tail = noBytes;
    if (tail.byteLength > 0) {
      const at = Buffer.concat([tail, bytes.subarray(0, endMark.byteLength - 1)]).indexOf(endMark);
      if (at !== -1) return at + endMark.byteLength - tail.byteLength;
    }
    const at = bytes.indexOf(endMark);
    if (at === -1) {
      const last = 1 - endMark.byteLength;
      // A copy, which does not keep all that was read.
      this.#tail = Buffer.concat([tail, bytes.subarray(last)]).subarray(last);
    }
    return lengthTo(at, bytes);
  }

  /** Leaves bytes in the socket until all requests before are answered, and until another turn of the event loop. */
  #hold(rest: NonSharedBuffer): void {
    this.#isHolding = true;
    this.#socket.pause();
    this.#socket.unshift(rest);
    if (!this.#requests.isBusy) this.#resumeLater();
  }

  #resumeLater(): void {
    if (this.#isResuming) return;
    this.#isResuming = true;
    this.#turns.later(this.#resume);
  }

  readonly #resume = (): void => {
    const socket = this.#socket;
    if (!this.#requests.isBusy && socket.writableNeedDrain) {
      socket.once("drain", this.#resume);
      return;
    }
    this.#isResuming = false;
    if (this.#isHolding && !this.#requests.isBusy) socket.resume();
  };
}

/** The length up to the end of a mark, or of all bytes when there is none. */
function lengthTo(mark: number, bytes: Uint8Array): number {
  return mark === -1 ? bytes.byteLength : mark + endMark.byteLength;
}
