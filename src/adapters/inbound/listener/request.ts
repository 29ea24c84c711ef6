import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest, Http2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { connectionAt } from "./connection.ts";
import { describePeer, type Peer } from "./peer.ts";

// What a request leads to, over HTTP/1.1 and HTTP/2 alike.

/** The peer of an HTTP/2 stream. */
export function peerOfStream(stream: ServerHttp2Stream): Peer {
  return connectionAt(stream.session)?.peer ?? describePeer(undefined);
}

export function peerOf(raw: IncomingMessage): Peer {
  return connectionAt(carrierOf(raw))?.peer ?? describePeer(raw.socket?.remoteAddress);
}

/** The socket of a request, or its HTTP/2 session. Undefined when that has ended. */
export function carrierOf(raw: IncomingMessage): Socket | Http2Session | undefined {
  const stream = http2StreamOf(raw);
  return stream === undefined ? raw.socket : stream.session;
}

/** Whether the caller has closed the connection or cancelled the call. */
export function hasLeft({ raw }: { readonly raw: IncomingMessage }): boolean {
  const stream = http2StreamOf(raw);
  // A request over HTTP/1.1 has no socket any more when the connection has gone.
  return stream === undefined ? raw.socket?.destroyed !== false : hasEnded(stream);
}

/** The same of a call over HTTP/2 that has not been answered. */
export function hasEnded(stream: ServerHttp2Stream): boolean {
  return stream.aborted || stream.destroyed || stream.closed;
}

/**
 * The HTTP/2 stream of a request, or undefined for HTTP/1.1. Fastify's types know one kind of request;
 * the listener hands it both (`Http2ServerRequest` is Node's compatibility layer).
 */
export function http2StreamOf(raw: IncomingMessage): ServerHttp2Stream | undefined {
  return (raw as IncomingMessage & Partial<Pick<Http2ServerRequest, "stream">>).stream;
}
