import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { Code } from "@connectrpc/connect";
import { http1Error } from "./http1-error.ts";

/** HTTP status and, for the body, the code that Connect's clients read, by the code of Node's error. */
const answers: Readonly<Record<string, readonly [status: number, code: Code]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, Code.DeadlineExceeded],
  HPE_HEADER_OVERFLOW: [431, Code.ResourceExhausted],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, Code.ResourceExhausted],
};
const malformed = [400, Code.InvalidArgument] as const;

/** Answers bytes that are not HTTP/1.1, or headers that come too slowly, and closes the connection. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  // As Node itself does: once an answer has begun, no other can follow.
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  if (!socket.writable || current?.headersSent === true) {
    socket.destroy();
    return;
  }
  const [status, code] = answers[error.code ?? ""] ?? malformed;
  // The socket may be half open; further input is not read.
  socket.end(http1Error(status, code, STATUS_CODES[status] ?? ""), () => socket.destroy());
}
