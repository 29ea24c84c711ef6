/** The page leaves the server three quarters of its time, and is no further behind than this. */
const maxPauseMs = 10_000;

/** How long to wait after an answer, which took the server long when it has much to sum up. */
export function pauseAfter(pauseMs: number, tookMs: number): number {
  return Math.max(pauseMs, Math.min(maxPauseMs, 3 * tookMs));
}
