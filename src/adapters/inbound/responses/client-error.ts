import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { connectionAt } from "../listener/connection.ts";
import { http1Error } from "../listener/http1-error.ts";
import { type ErrorStatus, errorStatus } from "./status.ts";

/** What a caller is told, by the code of Node's error. Any other code stands for bytes that are not HTTP/1.1. */
const answers: Readonly<Record<string, ErrorStatus>> = {
  ERR_HTTP_REQUEST_TIMEOUT: errorStatus["request-timeout"],
  // RFC 6585, 5.
  HPE_HEADER_OVERFLOW: { ...errorStatus["too-large"], http: 431 },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: errorStatus["too-large"],
};

/**
 * Answers bytes that are not HTTP/1.1, or headers that arrive too slowly, and closes the connection. Requests before
 * them are answered first.
 */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  const { requests } = connectionAt(socket) ?? {};
  if (requests?.failLater(() => onClientError(error, socket))) return;
  // Node itself does the same: once an answer has begun, no other can follow.
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  if (!socket.writable || current?.headersSent === true) {
    socket.destroy();
    return;
  }
  const { http, rpc } = answers[error.code ?? ""] ?? errorStatus["protocol-error"];
  // The socket may be half open; further input is not read.
  socket.end(http1Error(http, rpc, STATUS_CODES[http] ?? ""), () => socket.destroy());
}
