import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

/** HTTP status and, for the body, Connect's code, by the code of Node's error. */
const answers: Readonly<Record<string, readonly [status: number, code: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "deadline_exceeded"],
  HPE_HEADER_OVERFLOW: [431, "resource_exhausted"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "resource_exhausted"],
};
const malformed = [400, "invalid_argument"] as const;

/** Answers bytes that are not HTTP/1.1, or headers that come too slowly, and closes the connection. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  // As Node itself does: once an answer has begun, no other can follow.
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  if (!socket.writable || current?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [status, code] = answers[error.code ?? ""] ?? malformed;
  const label = STATUS_CODES[status];
  const body = JSON.stringify({ code, message: label });
  socket.end(
    `HTTP/1.1 ${status} ${label}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    // The socket may be half open; further input is not read.
    () => socket.destroy(),
  );
}
