/** Of the server's time this part is asked for, so that three pages together cost less than a tenth of it. */
const share = 1 / 50;
/** The page is no further behind than this. */
const maxPauseMs = 10_000;

/** How long an answer takes that costs the server nothing: the quickest of all. */
let quickestMs = Number.POSITIVE_INFINITY;

/** How long to wait after an answer: longer than wanted when it took the server long. Not for failures, which are quick. */
export function pauseAfter(pauseMs: number, tookMs: number): number {
  quickestMs = Math.min(quickestMs, tookMs);
  return Math.max(pauseMs, Math.min(maxPauseMs, (tookMs - quickestMs) / share));
}
