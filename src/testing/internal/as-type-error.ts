import { ObsvtyError } from "../../domain/errors.ts";

/** Does something with what a test has given, and names what makes no sense of it, as the API does. */
export function asTypeError<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (reason) {
    if (!(reason instanceof ObsvtyError) || reason.code !== "invalid-argument") throw reason;
    throw new TypeError(reason.inJson().message, { cause: reason });
  }
}
