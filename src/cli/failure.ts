import { Code, ConnectError } from "@connectrpc/connect";

/** How a call failed, for the person at the command line. */
export interface Failure {
  /** One line. */
  readonly message: string;
  /** 2 when the server did not like what it was asked, else 1. */
  readonly exitCode: 1 | 2;
}

export function failureOf(reason: unknown, url: string): Failure {
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
      return { message: withFlag(rawMessage), exitCode: 2 };
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

/** Whether a call failed because nobody listens where it went. */
export function isRefused(reason: unknown): boolean {
  return reason instanceof ConnectError && networkCode(reason.cause) === "ECONNREFUSED";
}

/** What a fault of the network means, in words; undefined for any other fault. */
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
      return `${url} closed the connection`;
    default:
      return `${url} cannot be reached: ${oneLine(textOf(fault))}`;
  }
}

/** Codes of Node's network faults; of several addresses tried, the last one's. */
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

/** `filter.trace_id: ...` is told as `--trace-id: ...`. */
function withFlag(message: string): string {
  return oneLine(message).replace(
    /^(?:(?:filter|spans|logs|metrics)\.)?([a-z_]+)(?=: )/,
    (_, field: string) => `--${field.replaceAll("_", "-")}`,
  );
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
