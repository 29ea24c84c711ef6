import { formatDuration } from "./duration.ts";
import type { Server } from "./server.ts";

/** Longest time that an answer is waited for which the server gives at once. */
export const answerMs = 30_000;

const maxTimerMs = 2 ** 31 - 1;

/**
 * Calls a server, and gives up when it does not answer in time.
 * @param call ends with an error when its signal aborts
 */
export async function within<Answer>(
  ms: number,
  { server, signal }: { readonly server: Server; readonly signal: AbortSignal },
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(Math.min(ms, maxTimerMs));
  try {
    return await call(AbortSignal.any([signal, deadline]));
  } catch (reason) {
    if (deadline.aborted && !signal.aborted) {
      const waited = formatDuration(BigInt(Math.round(ms)) * 1_000_000n);
      throw new Error(`${server.url} did not answer within ${waited}`, { cause: reason });
    }
    throw reason;
  }
}
