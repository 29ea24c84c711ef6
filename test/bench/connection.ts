import type { Headers } from "./hpack.ts";

/** How a request ended. */
export interface Reply {
  /** When the request was due, as given to `send`. */
  readonly dueMs: number;
  /** Bytes of the answer's body. */
  readonly dataBytes: number;
  /** "reset", or over HTTP/1.1 the status when it is not 200. */
  readonly failure: string | undefined;
  /** Over HTTP/2 the last header block: trailers, or the only one of a Trailers-Only response. */
  readonly lastBlock: Buffer;
}

export interface ConnectionOptions {
  readonly port: number;
  /** Of every request, with HTTP/2's pseudo-headers. */
  readonly headers: Headers;
  readonly onReply: (reply: Reply) => void;
}

/** A connection of the load generator. */
export interface Connection {
  /** Calls without a reply. */
  readonly open: number;
  /** Queues a request; `flush` sends all that is queued. The body must stay as it is until the reply. */
  send(body: Uint8Array, dueMs: number): void;
  flush(): void;
  close(): void;
}
