import { type ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
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
 * The refusal of bytes that are not the message, of which Connect says `internal` (OTLP 1.11, "Bad Data", has it
 * otherwise).
 */
export function notTheMessage({ code, message }: Failure): ObsvtyError | undefined {
  return code === "internal" && message.startsWith("parse binary")
    ? new ObsvtyError("not-the-message", "the bytes are not the message")
    : undefined;
}
