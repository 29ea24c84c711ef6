import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";
import { transportOf } from "../../listener/tls/handshakes.ts";

/** Ends a connection with a TCP RST, all its calls with it: what a caller sees of a backend that crashes. */
export function resetConnection(connection: Socket | Http2Session | undefined): void {
  // The socket of an HTTP/2 session is a proxy that keeps hands off what would disturb the session: not this.
  const socket = connection !== undefined && "socket" in connection ? connection.socket : connection;
  if (socket !== undefined) {
    transportOf(socket as Socket).resetAndDestroy();
  }
}
