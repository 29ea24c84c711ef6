import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest, Http2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import rateLimit from "@fastify/rate-limit";

/** The client of a connection, by its socket alone: forwarding headers are not trusted. */
export interface Peer {
  /** The address as the socket has it; "" when the socket is gone. */
  readonly address: string;
  /** One key for all addresses of an IPv6 /64, and for an IPv4 address mapped into IPv6 or not. */
  readonly rateKey: string;
  readonly loopback: boolean;
}

const peerKey = Symbol("peer");

interface WithPeer {
  [peerKey]?: Peer;
}

/**
 * Keeps the peer on the object that a request leads to: its socket, or its HTTP/2 session. The address is
 * read once a connection, since `Http2Session.socket` is a slow proxy and normalizing costs time too.
 */
export function rememberPeer(connection: object, socket: Socket): void {
  (connection as WithPeer)[peerKey] = describePeer(socket.remoteAddress);
}

/** The peer of an HTTP/2 stream. */
export function peerOfStream(stream: ServerHttp2Stream): Peer {
  return (stream.session as WithPeer | undefined)?.[peerKey] ?? describePeer(undefined);
}

/** The peer of a request, of HTTP/1.1 and HTTP/2 alike. */
export function peerOf(raw: IncomingMessage): Peer {
  const connection = connectionOf(raw) as WithPeer | undefined;
  return connection?.[peerKey] ?? describePeer(raw.socket?.remoteAddress);
}

/** The connection of a request: its socket, or its HTTP/2 session. Undefined when that has ended. */
export function connectionOf(raw: IncomingMessage): Socket | Http2Session | undefined {
  const stream = http2StreamOf(raw);
  return stream === undefined ? raw.socket : stream.session;
}

/** Whether the caller has closed the connection or cancelled the call. */
export function hasLeft({ raw }: { readonly raw: IncomingMessage }): boolean {
  const stream = http2StreamOf(raw);
  // A request over HTTP/1.1 has no socket any more when the connection has gone.
  return stream === undefined
    ? raw.socket?.destroyed !== false
    : stream.aborted || stream.destroyed || stream.closed;
}

/**
 * The HTTP/2 stream of a request, or undefined for HTTP/1.1. Fastify's types know one kind of request;
 * the listener hands it both (`Http2ServerRequest` is Node's compatibility layer).
 */
export function http2StreamOf(raw: IncomingMessage): ServerHttp2Stream | undefined {
  return (raw as IncomingMessage & Partial<Pick<Http2ServerRequest, "stream">>).stream;
}

function describePeer(address = ""): Peer {
  return { address, rateKey: rateLimit.normalizeIP(address), loopback: isLoopback(address) };
}

function isLoopback(address: string): boolean {
  const ipv4 = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  return address === "::1" || ipv4.startsWith("127.");
}
