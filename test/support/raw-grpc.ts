import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";

// gRPC by hand over node:http2, so that a test decides which frames are sent and sees which are received.

export interface RawReply {
  readonly httpStatus: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  /** Whether the first HEADERS frame ended the stream, and so carried the status. */
  readonly trailersOnly: boolean;
  readonly body: Buffer;
  /** -1 if there was none. */
  readonly grpcStatus: number;
  readonly grpcMessage: string;
  readonly rstCode: number;
}

/** A length-prefixed message (gRPC over HTTP/2). */
export function frame(message: Uint8Array, flags = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}

/** Starts a POST of native gRPC; the caller writes and ends the stream. */
export function startCall(
  session: ClientHttp2Session,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): { readonly stream: ClientHttp2Stream; readonly reply: Promise<RawReply> } {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  const reply = new Promise<RawReply>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let responseHeaders: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    let trailersOnly = false;
    stream.on("response", (received, flags) => {
      responseHeaders = received;
      // NGHTTP2_FLAG_END_STREAM
      trailersOnly = (flags & 1) !== 0;
    });
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      const status = { ...responseHeaders, ...trailers };
      resolve({
        httpStatus: Number(responseHeaders[":status"] ?? 0),
        headers: responseHeaders,
        trailers,
        trailersOnly,
        body: Buffer.concat(chunks),
        grpcStatus: Number(status["grpc-status"] ?? -1),
        grpcMessage: decodeURIComponent(String(status["grpc-message"] ?? "")),
        rstCode: stream.rstCode ?? 0,
      });
    });
  });
  return { stream, reply };
}

/** One call with this body, sent as it is. */
export function call(
  session: ClientHttp2Session,
  path: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawReply> {
  const { stream, reply } = startCall(session, path, headers);
  stream.end(body);
  return reply;
}
