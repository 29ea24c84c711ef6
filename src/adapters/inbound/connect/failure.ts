import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { codeFromHttpStatus, codeToString, endStreamFlag } from "@connectrpc/connect/protocol-connect";
import { PREFIX_BYTES } from "../body/grpc-message.ts";
import type { CallerProtocol } from "../caller/caller-protocol.ts";

/** What Connect refuses a call with, read back from its response. */
export interface Failure {
  /** Connect's name of the code, such as `invalid_argument`. */
  readonly code: string;
  readonly message: string;
}

/** The flag of the frame that carries gRPC-Web's trailers (PROTOCOL-WEB.md). */
const webTrailerFlag = 0x80;
const utf8 = new TextDecoder();

/**
 * The failure that a response carries instead of a message. Unary calls end here when they fail; a stream
 * that fails after a message does not, and was seen by the interceptor.
 * @param first the first result of the response's body
 */
export function failureOf(
  protocol: CallerProtocol,
  response: UniversalServerResponse,
  first: IteratorResult<Uint8Array>,
): Failure | undefined {
  switch (protocol) {
    case "grpc":
      return first.done === true ? failureInFields(response.trailer ?? new Headers()) : undefined;
    case "grpc-web":
      return hasFlag(first, webTrailerFlag) ? failureInFields(webTrailers(first.value)) : undefined;
    case "connect-stream":
      return hasFlag(first, endStreamFlag) ? failureAtEnd(first.value) : undefined;
    default:
      return response.status === 200 ? undefined : failureInBody(response.status, first);
  }
}

function hasFlag(first: IteratorResult<Uint8Array>, flag: number): first is IteratorYieldResult<Uint8Array> {
  return first.done !== true && ((first.value[0] ?? 0) & flag) !== 0;
}

function failureInFields(fields: Headers): Failure | undefined {
  const status = Number(fields.get("grpc-status") ?? 0);
  return status === 0
    ? undefined
    : { code: codeToString(status), message: decodeURIComponent(fields.get("grpc-message") ?? "") };
}

/** Lines as in HTTP/1.1, in a frame. */
function webTrailers(frame: Uint8Array): Headers {
  const lines = utf8.decode(frame.subarray(PREFIX_BYTES)).split("\r\n");
  return new Headers(
    lines.filter(Boolean).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as [string, string];
    }),
  );
}

function failureAtEnd(frame: Uint8Array): Failure | undefined {
  return asFailure(parseJson(frame.subarray(PREFIX_BYTES))?.error);
}

function failureInBody(status: number, first: IteratorResult<Uint8Array>): Failure {
  const error = first.done === true ? undefined : asFailure(parseJson(first.value));
  return error ?? { code: codeToString(codeFromHttpStatus(status)), message: "" };
}

function asFailure(error: unknown): Failure | undefined {
  if (typeof error !== "object" || error === null) {
    return undefined;
  }
  const { code, message = "" } = error as Partial<Failure>;
  return code === undefined ? undefined : { code, message };
}

/** Undefined also for what Connect has compressed: it only counts, it need not be understood. */
function parseJson(bytes: Uint8Array): { readonly error?: unknown } | undefined {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
