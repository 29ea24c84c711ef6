import { ObsvtyError } from "../../../domain/errors.ts";

/** Refusal of a request whose caller waits no longer for the answer. */
export function deadlinePassed(): ObsvtyError {
  return new ObsvtyError("deadline-passed", "the deadline has passed");
}

/** Refusal of a request whose body takes longer than REQUEST_TIMEOUT_MS. */
export function bodyTooSlow(requestTimeoutMs: number): ObsvtyError {
  return new ObsvtyError("request-timeout", `the request did not arrive within ${requestTimeoutMs} ms`);
}
