import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Caller, callerOf } from "../caller/caller.ts";
import type { Peer } from "../listener/peer.ts";
import { carrierOf, hasEnded, hasLeft, http2StreamOf, peerOf, peerOfStream } from "../listener/request.ts";
import { type RawResponse, sendHttp1, sendHttp2, sendRaw } from "../responses/raw-response.ts";
import { resetConnection } from "./faults/reset-connection.ts";

/** One HTTP request and its response, as an export needs them. */
export interface Exchange {
  readonly caller: Caller;
  /** The body. */
  readonly source: Readable;
  /** Does nothing when the caller has gone away. */
  send(response: RawResponse): void;
  /** Answers with the body of a gRPC response and status OK in the trailers. Works over HTTP/2 alone. */
  sendGrpc(headers: OutgoingHttpHeaders, body: Uint8Array): void;
  /** Calls the listener when the exchange has ended, or the caller has gone away. */
  onceClosed(listener: () => void): void;
  /** Whether the caller has closed the connection or cancelled the call. */
  hasLeft(): boolean;
  /** Resets the caller's connection. */
  reset(): void;
}

/** An HTTP/2 stream of which Fastify makes no request. It is its own caller, which saves an object a request. */
export class StreamExchange implements Exchange, Caller {
  readonly method = "POST";
  readonly httpVersionMajor = 2;
  readonly headers: IncomingHttpHeaders;
  readonly peer: Peer;
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.headers = headers;
    this.peer = peerOfStream(stream);
    this.#stream = stream;
  }

  get url(): string {
    return String(this.headers[":path"] ?? "");
  }

  get caller(): Caller {
    return this;
  }

  get source(): Readable {
    return this.#stream;
  }

  send(response: RawResponse): void {
    sendHttp2(this.#stream, response);
  }

  sendGrpc(headers: OutgoingHttpHeaders, body: Uint8Array): void {
    // The client may have given up; what it sent is kept all the same.
    if (this.hasLeft()) return;
    this.#stream.on("wantTrailers", sendOk);
    this.#stream.respond(headers, { waitForTrailers: true });
    this.#stream.end(body);
  }

  onceClosed(listener: () => void): void {
    this.#stream.once("close", listener);
  }

  hasLeft(): boolean {
    return hasEnded(this.#stream);
  }

  reset(): void {
    resetConnection(this.#stream.session);
  }
}

/** A request over HTTP/1.1 of which Fastify knows nothing. It is its own caller too. */
export class Http1Exchange implements Exchange, Caller {
  readonly method = "POST";
  readonly httpVersionMajor = 1;
  readonly peer: Peer;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.peer = peerOf(request);
    this.#request = request;
    this.#response = response;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get url(): string {
    return this.#request.url ?? "";
  }

  get caller(): Caller {
    return this;
  }

  get source(): Readable {
    return this.#request;
  }

  send(response: RawResponse): void {
    sendHttp1(this.#request, this.#response, response);
  }

  /** gRPC has HTTP/2 alone. */
  sendGrpc(): void {}

  onceClosed(listener: () => void): void {
    this.#response.once("close", listener);
  }

  hasLeft(): boolean {
    return hasLeft({ raw: this.#request });
  }

  reset(): void {
    resetConnection(this.#request.socket);
  }
}

/** A request that came by Fastify, over HTTP/1.1 or HTTP/2. It is read and answered past Fastify. */
export class FastifyExchange implements Exchange {
  readonly caller: Caller;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;

  constructor(request: FastifyRequest, reply: FastifyReply) {
    reply.hijack();
    // A connection that fails also ends the body, which the reader sees.
    request.raw.on("error", ignore);
    this.caller = callerOf(request);
    this.#request = request;
    this.#reply = reply;
  }

  get source(): Readable {
    return this.#request.raw;
  }

  send(response: RawResponse): void {
    sendRaw(this.#request, this.#reply, response);
  }

  sendGrpc(headers: OutgoingHttpHeaders, body: Uint8Array): void {
    const stream = http2StreamOf(this.#request.raw);
    if (stream === undefined || stream.destroyed || stream.closed) return;
    // Node's compatibility layer sends the trailers of its response when the stream wants them.
    this.#reply.raw.addTrailers(okTrailers);
    stream.respond(headers, { waitForTrailers: true });
    stream.end(body);
  }

  onceClosed(listener: () => void): void {
    this.#reply.raw.once("close", listener);
  }

  hasLeft(): boolean {
    return hasLeft(this.#request);
  }

  reset(): void {
    resetConnection(carrierOf(this.#request.raw));
  }
}

const okTrailers = { "grpc-status": "0" } as const;

function sendOk(this: ServerHttp2Stream): void {
  this.sendTrailers(okTrailers);
}

function ignore(): void {}
