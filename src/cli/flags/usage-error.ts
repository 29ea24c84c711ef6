/** A mistake in how the command was called. Its message is one line for the person who typed the command. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @param flag without its dashes */
export function notAllowed(flag: string, value: string, allowed: string): UsageError {
  return new UsageError(`--${flag}: ${JSON.stringify(value)} is not allowed, it must be ${allowed}`);
}
