import { Code, ConnectError } from "@connectrpc/connect";

/** Why a command failed, for the person at the command line. */
export interface Failure {
  /** One line. */
  readonly message: string;
  /** 2 when the server refused an argument, else 1. */
  readonly exitCode: 1 | 2;
}

/**
 * @param url of the server that was called
 * @param nameArguments puts the command line's names of arguments into a message of the server
 */
export function failureOf(reason: unknown, url: string, nameArguments: (message: string) => string): Failure {
  if (!(reason instanceof ConnectError)) {
    return { message: connectionFailure(reason, url) ?? textOf(reason), exitCode: 1 };
  }
  const { code, rawMessage, cause } = reason;
  const lost = connectionFailure(cause, url);
  if (lost !== undefined) {
    return { message: lost, exitCode: 1 };
  }
  switch (code) {
    case Code.InvalidArgument:
      return { message: oneLine(nameArguments(rawMessage)), exitCode: 2 };
    case Code.Unauthenticated:
      return {
        message: `${rawMessage}; API_TOKEN in the environment is sent as a bearer token`,
        exitCode: 1,
      };
    case Code.Unimplemented:
      return { message: `${url} does not speak obsvty's API: ${rawMessage}`, exitCode: 1 };
    default:
      return { message: oneLine(rawMessage), exitCode: 1 };
  }
}

/** Whether a call failed because nothing listens at the address. */
export function isRefused(reason: unknown): boolean {
  return reason instanceof ConnectError && networkCode(reason.cause) === "ECONNREFUSED";
}

/** A server with mutual TLS does not say more than that. */
const unaccepted = ": it may not accept the certificate of --cert";

/** A fault of the network in words; undefined for any other fault. */
function connectionFailure(fault: unknown, url: string): string | undefined {
  switch (networkCode(fault)) {
    case undefined:
      return undefined;
    case "ECONNREFUSED":
      return `nothing answers at ${url}: start a server with "obsvty", or say where one is with --endpoint`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${new URL(url).hostname} is not known: say where the server is with --endpoint`;
    case "ECONNRESET":
    case "EPIPE":
      return `${url} closed the connection${url.startsWith("https:") ? unaccepted : ""}`;
    // OpenSSL has these codes for the 400 that a server without TLS answers a handshake with.
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return isNoTls(fault)
        ? `the server at ${url} does not speak TLS: call it with http://`
        : `${url} cannot be reached: ${oneLine(textOf(fault))}`;
    case "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED":
      return `${url} asks for a certificate: give one with --cert and --key`;
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return `${url} shows a certificate of an unknown authority: name a file with the authority with --ca`;
    default:
      return `${url} cannot be reached: ${oneLine(textOf(fault))}`;
  }
}

/** The code of Node's network fault; when several addresses were tried, that of the last. */
function networkCode(fault: unknown): string | undefined {
  if (fault instanceof AggregateError) {
    return networkCode(fault.errors.at(-1));
  }
  const { code, cause } = (fault ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && /^(?:E[A-Z_]+|CERT_|DEPTH_|SELF_|UNABLE_)/.test(code)) {
    return code;
  }
  return cause === undefined ? undefined : networkCode(cause);
}

function isNoTls(fault: unknown): boolean {
  return /wrong version number|packet length too long|unknown protocol/.test(textOf(fault));
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
