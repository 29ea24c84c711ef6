import type { OutgoingHttpHeaders } from "node:http";
import { constants, type ServerHttp2Stream } from "node:http2";
import type { FastifyReply, FastifyRequest } from "fastify";
import { http2StreamOf } from "../listener/peer.ts";

export interface RawResponse {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  /** Empty for a response of headers alone: over HTTP/2 that is one HEADERS frame with END_STREAM. */
  readonly body: Uint8Array;
}

const noBody = new Uint8Array(0);

/**
 * Answers past Fastify, byte for byte: no charset is added to the type and an empty body costs no frame.
 * Headers already set on the reply go out too. Does nothing when the caller is gone; when an answer had
 * begun, it is cut off, since it cannot be taken back.
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
    sendHttp1(reply, whole);
  } else {
    sendHttp2(stream, whole);
  }
}

/** The same straight to an HTTP/2 stream. */
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
    stream.end(body);
  }
  if (!stream.readableEnded) {
    // Not at once: nghttp2 drops a HEADERS frame still queued for a stream that is being reset.
    setImmediate(stopSending, stream);
  }
}

/** Tells a caller that still sends to stop, without an error (RFC 9113, 8.1). Waits for the answer to be out. */
function stopSending(stream: ServerHttp2Stream): void {
  if (!stream.destroyed && !stream.closed) {
    stream.close(constants.NGHTTP2_NO_ERROR);
  }
}

/**
 * For a call that sends for as long as it likes: when the answer has come to its end, so should the call.
 * Else a caller that does not end it keeps the stream open, and a stopping server waiting.
 */
export function stopSendingAfterAnswer({ raw }: FastifyRequest): void {
  const stream = http2StreamOf(raw);
  // Node's compatibility layer has asked for it before us, so its trailers are on their way by then.
  stream?.once("wantTrailers", () => {
    setImmediate(stopSending, stream);
  });
}

/** Ends a call without an answer, or with what there is of it. */
export function cutOff({ raw }: FastifyRequest): void {
  const stream = http2StreamOf(raw);
  if (stream === undefined) raw.socket.destroy();
  else stream.close(constants.NGHTTP2_CANCEL);
}

function sendHttp1(reply: FastifyReply, { status, headers, body }: RawResponse): void {
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  reply.raw.writeHead(status, { ...headers, "content-length": body.byteLength });
  reply.raw.end(body);
}
