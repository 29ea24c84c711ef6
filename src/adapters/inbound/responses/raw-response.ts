import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { constants, type ServerHttp2Stream } from "node:http2";
import type { FastifyReply, FastifyRequest } from "fastify";
import { http2StreamOf } from "../listener/request.ts";
import { endAnswer, mustClose } from "./unread-body.ts";

export interface RawResponse {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  /** The body is empty for a response of headers alone: over HTTP/2 that is one HEADERS frame with END_STREAM. */
  readonly body: Uint8Array;
}

const noBody = new Uint8Array(0);

/**
 * Answers past Fastify, byte for byte: no charset is added to the type and an empty body costs no frame.
 * Headers already set on the reply are sent too. The body of the request may be unread: its rest is dropped, or
 * the caller is told to stop. Does nothing when the caller has gone away. An answer that has begun is cut off,
 * since it cannot be taken back.
 */
export function sendRaw(request: FastifyRequest, reply: FastifyReply, response: RawResponse): void {
  const stream = http2StreamOf(request.raw);
  const whole = {
    status: response.status,
    headers: { ...(reply.getHeaders() as OutgoingHttpHeaders), ...response.headers },
    body: request.method === "HEAD" ? noBody : response.body,
  };
  if (!reply.sent) {
    reply.hijack();
  }
  if (stream === undefined) {
    sendHttp1(request.raw, reply.raw, whole);
  } else {
    sendHttp2(stream, whole);
  }
}

/** The same to an HTTP/2 stream of which Fastify knows nothing. */
export function sendHttp2(stream: ServerHttp2Stream, { status, headers, body }: RawResponse): void {
  if (stream.destroyed || stream.closed) {
    return;
  }
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return;
  }
  stream.respond({ ...headers, ":status": status }, { endStream: body.byteLength === 0 });
  if (body.byteLength > 0) {
    stream.write(body);
    setImmediate(end, stream);
  }
  if (!stream.readableEnded) stopSendingSoon(stream);
}

/**
 * Ends an answer a little later than its last write. Where a DATA frame ends both sides of a stream, Node destroys the
 * stream while that write is in flight, and makes an error of it: a tenth of the time of an export of 100 spans.
 */
function end(stream: ServerHttp2Stream): void {
  stream.end();
}

/** The same to a request over HTTP/1.1 of which Fastify knows nothing. */
export function sendHttp1(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: RawResponse,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const close = mustClose(request);
  response.writeHead(status, {
    ...headers,
    "content-length": body.byteLength,
    ...(close && { connection: "close" }),
  });
  if (request.complete) {
    response.end(body);
    return;
  }
  if (body.byteLength > 0) response.write(body);
  else response.flushHeaders();
  endAnswer(request, response, close);
}

/**
 * The time between an answer and the reset of its stream. Curl 7.88 loses an answer that arrives together with the
 * reset, and nghttp2 drops a HEADERS frame that is still queued for a stream that is being reset.
 */
const resetDelayMs = 100;

/** Most callers end their request meanwhile, so that there is nothing to reset. */
function stopSendingSoon(stream: ServerHttp2Stream): void {
  stream.resume();
  const timer = setTimeout(stopSending, resetDelayMs, stream);
  stream.once("close", () => clearTimeout(timer));
}

/** Tells a caller that still sends to stop, without an error (RFC 9113, 8.1), when the answer has been sent. */
function stopSending(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.closed) return;
  // `close` would wait too, but the stream would count as closed meanwhile, and could no longer be cut.
  if (stream.writableFinished) stream.close(constants.NGHTTP2_NO_ERROR);
  else stream.once("finish", () => stopSending(stream));
}

/**
 * Ends a call together with its answer, though the caller may still send. Otherwise a caller that does not end
 * its request would keep the stream open, and would delay the stop of the server.
 */
export function stopSendingAfterAnswer({ raw }: FastifyRequest): void {
  const stream = http2StreamOf(raw);
  // Node's compatibility layer listens before this, so its trailers have been sent by then.
  stream?.once("wantTrailers", () => {
    if (!stream.readableEnded) stopSendingSoon(stream);
  });
}

/** Ends a call without an answer, or in the middle of it. */
export function cutOff({ raw }: FastifyRequest): void {
  const stream = http2StreamOf(raw);
  if (stream === undefined) raw.socket.destroy();
  else stream.close(constants.NGHTTP2_CANCEL);
}
