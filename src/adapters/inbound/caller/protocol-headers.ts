import type { IncomingHttpHeaders } from "node:http";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { CallerProtocol } from "./caller-protocol.ts";
import { listedCodings } from "./header-spelling.ts";
import { connectTimeoutMs, grpcTimeoutMs } from "./timeout-header.ts";

/**
 * Refuses another version of Connect's protocol than the only one there is (connectrpc.com/docs/protocol,
 * "Protocol-Version"). Callers may leave the version out.
 * @throws ObsvtyError `invalid-argument`
 */
function checkConnectVersion(headers: IncomingHttpHeaders): void {
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
function checkWholeBody(headers: IncomingHttpHeaders, messageEncoding: string): void {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && listedCodings(encoding).some((coding) => coding !== "identity")) {
    const message = `messages of this protocol are compressed by ${messageEncoding}, not by content-encoding`;
    throw new ObsvtyError("unknown-encoding", message);
  }
}

/** What a protocol says of the headers of a call. */
export interface HeaderRules {
  /** @throws ObsvtyError `invalid-argument`, `unknown-encoding` for a header that the protocol does not allow */
  checkHeaders(headers: IncomingHttpHeaders): void;
  /**
   * How long the caller waits for its answer, in milliseconds; infinite when it does not say.
   * @throws ObsvtyError `invalid-argument`, `protocol-error` when the header is malformed
   */
  timeoutMs(headers: IncomingHttpHeaders): number;
}

const noRules: HeaderRules = { checkHeaders: () => {}, timeoutMs: () => Number.POSITIVE_INFINITY };
const grpcRules: HeaderRules = {
  checkHeaders: (headers) => checkWholeBody(headers, "grpc-encoding"),
  timeoutMs: grpcTimeoutMs,
};

export const headerRules = {
  grpc: grpcRules,
  "grpc-over-http1": grpcRules,
  "grpc-web": grpcRules,
  "connect-unary": { checkHeaders: checkConnectVersion, timeoutMs: connectTimeoutMs },
  "connect-stream": {
    checkHeaders(headers) {
      checkConnectVersion(headers);
      checkWholeBody(headers, "connect-content-encoding");
    },
    timeoutMs: connectTimeoutMs,
  },
  // OTLP/HTTP has no deadlines, and Jaeger's HTTP neither.
  "otlp-http": noRules,
  "jaeger-ui": noRules,
  "jaeger-v3": noRules,
  plain: noRules,
} as const satisfies Record<CallerProtocol, HeaderRules>;
