import { type ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import type { Signal } from "../../../domain/signal.ts";
import type { Failure } from "./failure.ts";

/**
 * What Connect refused by itself, as we call it.
 * @param handled whether a handler had the whole request: what is internal then is our fault, else the caller's
 */
export function ownCodeOf({ code }: Failure, handled: boolean): ErrorCode {
  if (code === "internal" && !handled) {
    return "protocol-error";
  }
  return codeByConnects[code] ?? "internal";
}

const codeByConnects: Readonly<Record<string, ErrorCode>> = {
  canceled: "cancelled",
  deadline_exceeded: "deadline-passed",
  invalid_argument: "not-the-message",
  resource_exhausted: "too-large",
  unavailable: "stopping",
  unimplemented: "unknown-encoding",
};

/**
 * The refusal of a request that is not the message, where Connect's own would not do: for bytes it says
 * `internal` (OTLP 1.11, "Bad Data", has it otherwise), and for the JSON of an export it quotes what was sent.
 * @param signal of an export
 */
export function notTheMessage(
  { code, message }: Failure,
  signal: Signal | undefined,
): ObsvtyError | undefined {
  if (code === "internal" && message.startsWith("parse binary")) {
    return new ObsvtyError("not-the-message", "the bytes are not the message");
  }
  if (signal === undefined || code !== "invalid_argument") {
    return undefined;
  }
  const [repeatable] = decodeFailure.exec(message) ?? [];
  return repeatable === undefined ? undefined : new ObsvtyError("not-the-message", repeatable);
}

/** What may be repeated of it: the names of the field and of the type. */
const decodeFailure = /^cannot decode [\w. ]+ from JSON(?:: expected \w+)?/;
