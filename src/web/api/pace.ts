/** Of the server's time this part is asked for, so that three pages together cost less than a tenth of it. */
const share = 1 / 50;
/** The page is no further behind than this. */
const maxPauseMs = 10_000;
/** One answer may be slow by chance: the median of so many counts. */
const remembered = 5;

/** How long an answer takes that costs the server nothing: the quickest of all. */
let quickestMs = Number.POSITIVE_INFINITY;

/** How often something is asked again. */
export interface Pace {
  /**
   * How long to wait after an answer: longer than wanted when answers take the server long. Not for failures, which are
   * quick.
   */
  pauseAfter(tookMs: number, wantedMs: number): number;
  /**
   * The next answer does not count: it takes longer than those that follow, for the connection, or for what the server
   * and the page do once.
   */
  restart(): void;
}

export function paceOf(): Pace {
  let isFirst = true;
  let took: readonly number[] = [];
  return {
    pauseAfter(tookMs, wantedMs) {
      quickestMs = Math.min(quickestMs, tookMs);
      if (isFirst) {
        isFirst = false;
        return wantedMs;
      }
      took = [...took, tookMs].slice(-remembered);
      return Math.max(wantedMs, Math.min(maxPauseMs, (median(took) - quickestMs) / share));
    },
    restart() {
      isFirst = true;
    },
  };
}

/** Of an even number the lesser one in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[(values.length - 1) >> 1] ?? 0;
}
