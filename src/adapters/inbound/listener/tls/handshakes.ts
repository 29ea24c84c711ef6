import { constants } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import type { WarnOfClient } from "../client-warnings.ts";
import { attachedTo } from "../connection.ts";
import type { Credentials } from "./credentials.ts";

export interface HandshakeOptions {
  readonly credentials: Credentials;
  readonly timeoutMs: number;
  readonly warn: WarnOfClient;
  /** Gets the connection inside which TLS is spoken, and its decrypted stream. */
  readonly onSecure: (socket: TLSSocket, transport: Socket) => void;
}

/** Makes TLS connections of TCP connections. What is spoken inside is up to `onSecure`. */
export class Handshakes {
  readonly #server: Server;

  constructor({ credentials, timeoutMs, warn, onSecure }: HandshakeOptions) {
    this.#server = createServer({
      ...contextOf(credentials),
      // A client without a certificate of these authorities is cut before it can send a request.
      requestCert: credentials.ca !== undefined,
      rejectUnauthorized: true,
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: timeoutMs,
    });
    this.#server.on("secureConnection", (socket) => {
      onSecure(socket, transportOf(socket));
    });
    this.#server.on("tlsClientError", (error: Error & { readonly reason?: string }, socket) => {
      // Node destroys the socket of a client whose certificate it refuses, and tells no more than that it has closed.
      const refusal = socket.authorizationError as string | Error | null | undefined;
      // OpenSSL's reason is short; its message has places in its source.
      const reason = String(refusal || error.reason || error.message);
      warn(attachedTo(transportOf(socket)), "TLS handshake failed", {
        reason,
        ...(hints[reason] && { hint: hints[reason] }),
      });
      socket.destroy();
    });
  }

  /** Starts a handshake on a connection whose unread bytes begin with a TLS record. */
  accept(transport: Socket): void {
    // A caller that leaves in the middle of its handshake frees its place at once.
    transport.allowHalfOpen = false;
    // TLS reports errors of the connection; a reset ends it without one.
    transport.on("error", () => {});
    this.#server.emit("connection", transport);
  }

  /** The credentials are for handshakes from now on; open connections stay. Sessions from before cannot be resumed. */
  useCredentials(credentials: Credentials): void {
    this.#server.setSecureContext(contextOf(credentials));
  }
}

const unknownAuthority = "no authority in TLS_CLIENT_CA_FILE has signed the certificate of the client";

/** What reasons of OpenSSL and of Node mean, for those that a setting or a flag of the client mends. */
const hints: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the certificate of the client has expired",
  CERT_NOT_YET_VALID: "the certificate of the client is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  "peer did not return a certificate": "TLS_CLIENT_CA_FILE asks clients for a certificate",
  "socket hang up": "the client has gone; those of Node do so when they do not trust the server's authority",
  "tlsv1 alert unknown ca": "the client does not trust the server's authority",
  "unsupported protocol": "the client is older than TLS 1.2",
};

function contextOf({ cert, key, ca }: Credentials): SecureContextOptions {
  return {
    cert,
    key,
    ...(ca && { ca }),
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    // HTTP/2 forbids it (RFC 9113, 9.2.1), HTTP/1.1 has no use for it, and it costs the server more than the client.
    // Node's `disableRenegotiation` reports an error and goes on with the handshake.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/** The TCP connection that carries a TLS one. */
export function transportOf(socket: Socket): Socket {
  const { encrypted, _parent: transport } = socket as Partial<TLSSocket> & { readonly _parent?: Socket };
  if (encrypted !== true) {
    return socket;
  }
  if (transport === undefined) {
    throw new Error("node:tls no longer tells which connection carries it");
  }
  return transport;
}
