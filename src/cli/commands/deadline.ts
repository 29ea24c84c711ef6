import type { Server } from "../api/server.ts";
import { formatDuration } from "../output/duration-text.ts";

/** The limit for calls that the server answers at once. */
export const answerMs = 30_000;

/** The longest time that a timer of Node takes. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Calls a server, and fails when the server does not answer in time.
 * @param call rejects when it is aborted
 */
export async function within<Answer>(
  ms: number,
  { server, abort }: { readonly server: Server; readonly abort: AbortSignal },
  call: (abort: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(Math.min(ms, maxTimerMs));
  try {
    return await call(AbortSignal.any([abort, deadline]));
  } catch (reason) {
    if (deadline.aborted && !abort.aborted) {
      const waited = formatDuration(BigInt(Math.round(ms)) * 1_000_000n);
      throw new Error(`${server.url} did not answer within ${waited}`, { cause: reason });
    }
    throw reason;
  }
}
