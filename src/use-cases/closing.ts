import { orAbort } from "./or-abort.ts";

/** Something that has to be closed before the process ends: a sink, a journal. */
export interface Closable {
  /** The name in the log. */
  readonly name: string;
  /** @param abort aborts when the grace of the stop has run out: give up what is left then */
  close(abort: AbortSignal): Promise<void>;
}

/** What was promised could not be done in the time there was. Its message says all: it is no fault. */
export class PromiseNotKept extends Error {}

export interface CloseFailure {
  readonly name: string;
  readonly error: unknown;
}

/**
 * Closes one after the other. Each is closed also when one before it failed or when the grace has run out; one
 * that goes on after the abort is not waited for.
 * @returns those that failed, or were not done when the grace ran out
 */
export async function closeInOrder(
  closables: readonly Closable[],
  abort: AbortSignal,
): Promise<CloseFailure[]> {
  const failures: CloseFailure[] = [];
  for (const closable of closables) {
    try {
      await orAbort(closable.close(abort), abort);
    } catch (error) {
      failures.push({ name: closable.name, error });
    }
  }
  return failures;
}
