import type { ErrorCode } from "../../src/domain/errors.ts";
import { ObsvtyError } from "../../src/domain/errors.ts";

/** For `assert.throws` and `assert.rejects`: an ObsvtyError with this very message. */
export function refusal(message: string, code: ErrorCode = "invalid-argument") {
  return (reason: unknown) =>
    reason instanceof ObsvtyError && reason.code === code && reason.message === message;
}
