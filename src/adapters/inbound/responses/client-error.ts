import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { Code } from "@connectrpc/connect";
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

/** How long an answer of some hundred bytes may take to be written. */
const lingerMs = 1_000;

/** Answers bytes that are not HTTP/1.1, or headers that arrive too slowly, and closes the connection. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  const { http, rpc } = answers[error.code ?? ""] ?? errorStatus["protocol-error"];
  endWithError(socket, http1Error(http, rpc, STATUS_CODES[http] ?? ""));
}

const connectRefusal = http1Error(
  501,
  Code.Unimplemented,
  "CONNECT is for proxies, which this server is not",
);

/** Answers CONNECT, behind which Node reads no HTTP, and closes the connection (RFC 9110, 9.3.6). */
export function onConnectRequest({ socket }: IncomingMessage): void {
  // Node's own listener is gone.
  socket.on("error", () => socket.destroy());
  endWithError(socket, connectRefusal);
}

/** Ends a connection with an answer. Requests before it are answered first. */
function endWithError(socket: Socket, answer: string): void {
  const { requests } = connectionAt(socket) ?? {};
  if (requests?.failLater(() => endWithError(socket, answer))) return;
  // Node itself does the same: once an answer has begun, no other can follow.
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  if (!socket.writable || current?.headersSent === true) {
    socket.destroy();
    return;
  }
  // The socket may be half open; further input is not read. Over TLS, Node does not tell when the answer cannot be
  // written because the caller has reset the connection: it ignores errors of writing once it has begun to shut down.
  const close = () => socket.destroy();
  const timer = setTimeout(close, lingerMs);
  socket.once("close", () => clearTimeout(timer)).end(answer, close);
}
