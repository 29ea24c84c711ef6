/** Something that has to be closed before the process ends: a sink, a journal. */
export interface Closable {
  /** For the log. */
  readonly name: string;
  /** @param abort aborts when the grace of the stop has run out: give up what is left then */
  close(abort: AbortSignal): Promise<void>;
}

export interface CloseFailure {
  readonly name: string;
  readonly error: unknown;
}

/**
 * Closes one after the other. Each gets its call, also when one before it failed or when the grace has run
 * out meanwhile; one that does not heed the abort is left behind.
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

/** What is ready wins over an abort that came before. */
async function orAbort(closing: Promise<void>, abort: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => setImmediate(reject, abort.reason);
  if (abort.aborted) giveUp();
  abort.addEventListener("abort", giveUp, { once: true });
  try {
    await Promise.race([closing, promise]);
  } finally {
    abort.removeEventListener("abort", giveUp);
    promise.catch(() => {});
  }
}
