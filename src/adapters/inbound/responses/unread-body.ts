import type { IncomingMessage, ServerResponse } from "node:http";

/** A body that is declared no longer than this is read and dropped, so that its connection can be used again. */
const maxDroppedBytes = 65_536;
/** How long a longer body is read after its answer. */
const lingerMs = 1_000;
/** The bytes that are read from it in that time, so that a fast caller costs little. */
const maxLingerBytes = 2 ** 24;
/** A chunk counts as this many bytes at least, since one costs the same however small it is. */
const minChunkBytes = 2 ** 12;

/**
 * Whether an HTTP/1.1 connection has to close after the answer to a request: the next request on it would have to
 * wait until the rest of this one's body has arrived.
 */
export function mustClose({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return (
    headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > maxDroppedBytes
  );
}

/**
 * Ends an answer over HTTP/1.1 whose last byte is written, with `connection: close` where `mustClose` said so.
 * Then the caller is read from for a while before the connection closes: an early close resets the connection,
 * and the caller may lose the answer (RFC 9112, 9.6).
 */
export function endAnswer(request: IncomingMessage, response: ServerResponse, close: boolean): void {
  if (!close) {
    response.end();
    request.resume();
    return;
  }
  let bytes = 0;
  const end = () => {
    clearTimeout(timer);
    request.off("data", drop);
    if (!response.destroyed) response.end();
  };
  const drop = (chunk: Uint8Array) => {
    bytes += Math.max(chunk.byteLength, minChunkBytes);
    if (bytes > maxLingerBytes) request.pause();
  };
  const timer = setTimeout(end, lingerMs);
  request.on("data", drop).once("end", end).once("close", end);
  request.resume();
}
