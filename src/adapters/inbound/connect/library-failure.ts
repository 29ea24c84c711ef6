import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { codeFromHttpStatus, codeToString, endStreamFlag } from "@connectrpc/connect/protocol-connect";
import { type ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import { COMPRESSED_FLAG, PREFIX_BYTES, WEB_TRAILERS_FLAG } from "../../../otlp/message-prefix.ts";
import { bodyEncodingOf } from "../body/codecs.ts";
import { inflateOnTheSpot, tellsCorruptEncoding } from "../body/inflate.ts";
import type { CallerProtocol } from "../caller/caller-protocol.ts";

/** An error that the Connect library answers a call with, read back from its response. */
export interface LibraryFailure {
  /** Connect's name of the code, such as `invalid_argument`. */
  readonly code: string;
  readonly message: string;
  /** The status of the response; 200 where the protocol has the error elsewhere. */
  readonly httpStatus: number;
  /** Only an error that a handler has thrown has details. */
  readonly hasDetails: boolean;
}

/** The bytes of an error that are inflated to read it. */
const maxErrorBytes = 65_536;
const utf8 = new TextDecoder();

/**
 * The failure that a response carries instead of a message. An error after the first message is not seen here; the
 * interceptor has seen it.
 * @param first the first result of the response's body
 */
export function libraryFailureOf(
  protocol: CallerProtocol,
  response: UniversalServerResponse,
  first: IteratorResult<Uint8Array>,
): LibraryFailure | undefined {
  const { status: httpStatus, header = new Headers() } = response;
  const failure = errorOf(protocol, response, header, first);
  return failure === undefined ? undefined : { message: "", hasDetails: false, ...failure, httpStatus };
}

type Failure = Pick<LibraryFailure, "code"> & Partial<LibraryFailure>;

function errorOf(
  protocol: CallerProtocol,
  { status, trailer }: UniversalServerResponse,
  header: Headers,
  first: IteratorResult<Uint8Array>,
): Failure | undefined {
  switch (protocol) {
    case "grpc":
      return first.done === true ? errorInFields(trailer ?? new Headers()) : undefined;
    case "grpc-web": {
      if (!hasFlag(first, WEB_TRAILERS_FLAG)) return undefined;
      return errorInFields(webTrailers(payloadOf(first.value, header.get("grpc-encoding"))));
    }
    case "connect-stream": {
      if (!hasFlag(first, endStreamFlag)) return undefined;
      const end = parseJson(payloadOf(first.value, header.get("connect-content-encoding")));
      return asFailure(end?.error);
    }
    default: {
      if (status === 200) return undefined;
      const body = first.done === true ? new Uint8Array() : first.value;
      const error = asFailure(parseJson(inflated(body, header.get("content-encoding"))));
      return error ?? { code: codeToString(codeFromHttpStatus(status)) };
    }
  }
}

function hasFlag(first: IteratorResult<Uint8Array>, flag: number): first is IteratorYieldResult<Uint8Array> {
  return first.done !== true && ((first.value[0] ?? 0) & flag) !== 0;
}

/** The library compresses the frame of an error too, when it has more than 1 KiB and the caller takes it. */
function payloadOf(frame: Uint8Array, encoding: string | null): Uint8Array {
  const payload = frame.subarray(PREFIX_BYTES);
  const isCompressed = ((frame[0] ?? 0) & COMPRESSED_FLAG) !== 0;
  return inflated(payload, isCompressed ? encoding : null);
}

function inflated(bytes: Uint8Array, name: string | null): Uint8Array {
  const encoding = bodyEncodingOf(name ?? "");
  return encoding === undefined ? bytes : inflateOnTheSpot(encoding, bytes, maxErrorBytes);
}

function errorInFields(fields: Headers): Failure | undefined {
  const status = Number(fields.get("grpc-status") ?? 0);
  return status === 0
    ? undefined
    : {
        code: codeToString(status),
        message: decodeURIComponent(fields.get("grpc-message") ?? ""),
        hasDetails: fields.has("grpc-status-details-bin"),
      };
}

/** Lines as in HTTP/1.1. */
function webTrailers(payload: Uint8Array): Headers {
  return new Headers(
    utf8
      .decode(payload)
      .split("\r\n")
      .filter(Boolean)
      .map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()] as [string, string];
      }),
  );
}

function asFailure(error: unknown): Failure | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, message = "", details } = error as Partial<LibraryFailure> & { readonly details?: unknown };
  return code === undefined ? undefined : { code, message, hasDetails: details !== undefined };
}

function parseJson(bytes: Uint8Array): { readonly error?: unknown } | undefined {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/**
 * The error code of a failure, for the log.
 * @param isHandled whether a handler had the whole request: an internal error before is the caller's fault
 */
export function errorCodeOf({ code, message }: LibraryFailure, isHandled: boolean): ErrorCode {
  if (code === "internal" && !isHandled) return "protocol-error";
  if (code === "unimplemented" && !message.includes("compression")) return "unknown-method";
  return likelyCodes[code] ?? "internal";
}

/** What an error of the library most likely means, by Connect's name of its code. */
const likelyCodes: Readonly<Record<string, ErrorCode>> = {
  canceled: "cancelled",
  deadline_exceeded: "deadline-passed",
  invalid_argument: "not-the-message",
  resource_exhausted: "too-large",
  unavailable: "stopping",
  unimplemented: "unknown-encoding",
};

/** The library's words for a message over its limit, with the limit. */
const overLimit = /readMaxBytes (\d+)/;

/** What the library throws for a message over its limit, which `betterErrorOf` says better. */
export function overLimitError(maxBytes: number): ConnectError {
  return new ConnectError(
    `message size is larger than configured readMaxBytes ${maxBytes}`,
    Code.ResourceExhausted,
  );
}

/**
 * The error to answer with in place of the library's, where that would not do: it calls bytes that are not the
 * message `internal` (OTLP 1.11, "Bad Data", has it otherwise), and says nothing with a 415.
 */
export function betterErrorOf({
  code,
  message,
  httpStatus,
  hasDetails,
}: LibraryFailure): ObsvtyError | undefined {
  if (hasDetails) return undefined;
  if (code === "internal" && message.startsWith("parse binary")) {
    return new ObsvtyError("not-the-message", "the bytes are not the message");
  }
  if (code === "internal" && tellsCorruptEncoding(message)) {
    return new ObsvtyError("corrupt-encoding", message);
  }
  const limit = overLimit.exec(message)?.[1];
  if (code === "resource_exhausted" && limit !== undefined) {
    return new ObsvtyError(
      "too-large",
      `a request to this service has at most ${limit} bytes, also when inflated`,
    );
  }
  // A request of our own API that cannot be read is refused before a handler has it, with a message of obsvty's own.
  if (code === "invalid_argument") return new ObsvtyError("invalid-argument", message);
  return httpStatus === 415
    ? new ObsvtyError("unsupported-media-type", "this content type is not supported here")
    : undefined;
}
