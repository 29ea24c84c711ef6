import type { IncomingHttpHeaders } from "node:http";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { CallerProtocol } from "./caller-protocol.ts";
import { connectTimeoutMs, grpcTimeoutMs } from "./timeout-header.ts";

/**
 * Refuses another version of Connect's protocol than the only one there is (connectrpc.com/docs/protocol,
 * "Protocol-Version"). Callers may leave the version out.
 * @throws ObsvtyError `invalid-argument`
 */
export function checkConnectVersion(headers: IncomingHttpHeaders): void {
  const version = headers["connect-protocol-version"];
  if (version !== undefined && version !== "1") {
    throw new ObsvtyError("invalid-argument", 'connect-protocol-version must be "1"');
  }
}

/**
 * Refuses a body that is compressed as a whole, where each message in it has its own compression: the bytes would be
 * taken for the prefix of a message.
 * @param messageEncoding the header that the protocol has for the compression of messages
 * @throws ObsvtyError `unknown-encoding`
 */
export function checkWholeBody(headers: IncomingHttpHeaders, messageEncoding: string): void {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    const message = `messages of this protocol are compressed by ${messageEncoding}, not by content-encoding`;
    throw new ObsvtyError("unknown-encoding", message);
  }
}

/**
 * Refuses what the protocol of a call does not allow in its headers, its deadline among them.
 * @throws ObsvtyError `invalid-argument`, `unknown-encoding`, `protocol-error`
 */
export function checkProtocolHeaders(protocol: CallerProtocol, headers: IncomingHttpHeaders): void {
  switch (protocol) {
    case "grpc":
    case "grpc-web":
      checkWholeBody(headers, "grpc-encoding");
      grpcTimeoutMs(headers);
      return;
    case "connect-stream":
      checkConnectVersion(headers);
      checkWholeBody(headers, "connect-content-encoding");
      connectTimeoutMs(headers);
      return;
    case "connect-unary":
      checkConnectVersion(headers);
      connectTimeoutMs(headers);
      return;
    default:
  }
}
