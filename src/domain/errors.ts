/**
 * Why a call was refused, in terms of what the caller can do about it.
 * `adapters/inbound/responses/status.ts` holds the one table from these to gRPC, HTTP and Connect.
 */
export const errorCodes = [
  /** The bytes are not the message that the method takes. */
  "not-the-message",
  /** An argument of obsvty's own API is malformed: a cursor, an id, a time. */
  "invalid-argument",
  /** The request is over the limit of one, as sent or after inflating. It is never to be retried. */
  "too-large",
  /** The client is over its rate limit. Carries the time until its window ends. */
  "over-rate",
  /** The limit of concurrent Tail, WaitFor and Watch calls is reached. */
  "too-many-watchers",
  /** The answers being made reach MAX_QUERY_BYTES together. */
  "answers-too-large",
  /** The requests being read reach MAX_INFLIGHT_BYTES together. */
  "overloaded",
  /** The buffer is full of items that must not be evicted yet. */
  "buffer-full",
  /** A sink that has to confirm exports takes none now, so that this one was not kept. */
  "sink-unavailable",
  /** The export was kept, and a sink that has to confirm it has not got it. It may be handed on yet. */
  "unconfirmed",
  /** The export was kept, and a sink that has to confirm it will never take it. */
  "sink-refused",
  /** What is held must not be cleared: a sink was promised to get it. */
  "promised-to-sink",
  /** The telemetry was here before: servers hand it on in a circle. */
  "forwarding-loop",
  /** The server is shutting down. */
  "stopping",
  /** A content or message encoding that the server does not know. */
  "unknown-encoding",
  /** Bytes that do not inflate as the encoding they claim. */
  "corrupt-encoding",
  /** A broken frame: the transport's protocol was not kept. */
  "protocol-error",
  /** No token, or a wrong one. */
  "unauthenticated",
  /** The caller may not read from where it calls. */
  "permission-denied",
  /** The deadline that the caller set has passed. */
  "deadline-passed",
  /** The body did not arrive within REQUEST_TIMEOUT_MS. */
  "request-timeout",
  /** No such service, method or path; or not exactly one message in a unary call. */
  "unknown-method",
  /** The method exists and is switched off by a setting. */
  "switched-off",
  /** The path exists, the HTTP method is wrong. */
  "method-not-allowed",
  /** A content type that no route takes. */
  "unsupported-media-type",
  /** The item or trace with this id is not, or no longer, held. */
  "not-found",
  /** FaultService was told to refuse the export, with a status of its choice: see `InjectedFault`. */
  "injected-fault",
  /** The caller went away. */
  "cancelled",
  /** A fault of the server. The message on the wire is always "internal error". */
  "internal",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The errors of exports that were kept, so that their items count as accepted. */
export const errorCodesOfKept: ReadonlySet<ErrorCode> = new Set(["unconfirmed", "sink-refused"]);

export interface ObsvtyErrorOptions extends ErrorOptions {
  /**
   * When it makes sense to try again, in milliseconds from now.
   * @default the hint of the code; never when it has none
   */
  readonly retryAfterMs?: number;
  /** The message for callers that write JSON, when it names fields. @default the message */
  readonly messageInJson?: string;
}

/** The retry hint when nobody knows how long the cause of an error lasts, but it is likely to pass soon. */
const soonMs = 1_000;

/** The retry hint of each error that has one of its own. */
const retryHints: { readonly [Code in ErrorCode]?: number } = {
  "too-many-watchers": soonMs,
  "answers-too-large": soonMs,
  overloaded: soonMs,
  "buffer-full": soonMs,
  "sink-unavailable": soonMs,
  unconfirmed: soonMs,
  // A replacement of the server may be up by then.
  stopping: soonMs,
};

/** Longer messages are cut: some name what the caller sent, such as a field that does not exist. */
const MAX_MESSAGE_CHARACTERS = 1_000;

/** The error class of this project. Its message is sent to the caller and never holds payload content. */
export class ObsvtyError extends Error {
  override readonly name = "ObsvtyError";
  readonly code: ErrorCode;
  /** When it makes sense to try again, in milliseconds from now. Undefined: never. */
  readonly retryAfterMs: number | undefined;
  readonly #messageInJson: string | undefined;

  constructor(code: ErrorCode, message: string, options?: ObsvtyErrorOptions) {
    super(cut(message), options);
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs ?? retryHints[code];
    this.#messageInJson = options?.messageInJson;
  }

  /** The same error for a caller that writes JSON, where fields are spelt in camel case. */
  inJson(): ObsvtyError {
    const { code, cause, retryAfterMs } = this;
    const message = this.#messageInJson;
    if (message === undefined) return this;
    return new ObsvtyError(code, message, { cause, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  }

  /** Anything that was thrown, as an ObsvtyError. Another error becomes "internal error" and is kept as its cause. */
  static from(reason: unknown): ObsvtyError {
    return reason instanceof ObsvtyError
      ? reason
      : new ObsvtyError("internal", "internal error", { cause: reason });
  }
}

/**
 * The refusal of an argument of obsvty's own API.
 * @param field what the caller calls the argument: its path in the request, as protobuf spells it
 */
export function invalidArgument(field: string, reason: string): ObsvtyError {
  const messageInJson = `${fieldInJson(field)}: ${reason}`;
  return new ObsvtyError("invalid-argument", `${field}: ${reason}`, { messageInJson });
}

/** A path of fields as JSON spells it: `filter.traceId`. What stands in quotes is a key of the caller's. */
export function fieldInJson(path: string): string {
  return path.replace(/^[^"]*/, (names) =>
    names.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

function cut(message: string): string {
  return message.length > MAX_MESSAGE_CHARACTERS ? `${message.slice(0, MAX_MESSAGE_CHARACTERS)}...` : message;
}
