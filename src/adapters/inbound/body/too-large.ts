import { ObsvtyError } from "../../../domain/errors.ts";

/** Exporters drop what is too large for good, so the message names the setting to raise. */
const remedy = "see the receiver's MAX_RECEIVE_MESSAGE_LENGTH";

/** Refusal of a request over the limit, in grpc-go's words, which people search for. */
export function tooLarge(bytes: number, maxBytes: number): ObsvtyError {
  return new ObsvtyError(
    "too-large",
    `received message larger than max (${bytes} vs. ${maxBytes}); ${remedy}`,
  );
}

/** Refusal of a compressed request that is over the limit when it is inflated. */
export function tooLargeInflated(maxBytes: number, cause: unknown): ObsvtyError {
  const message = `received message inflates to more than max (${maxBytes}); ${remedy}`;
  return new ObsvtyError("too-large", message, { cause });
}
