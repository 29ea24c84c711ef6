/** How much of the server's time one part of a page may take, and how far it may be behind for that. */
export interface PaceBounds {
  readonly share: number;
  readonly maxPauseMs: number;
}

/** Of lists, which cost the server what is new: three pages together take less than a tenth of its time. */
export const listPace = { share: 1 / 50, maxPauseMs: 10_000 } as const satisfies PaceBounds;
/** Of figures that the server computes of all that it holds, each time that something has come. */
export const figuresPace = { share: 1 / 100, maxPauseMs: 30_000 } as const satisfies PaceBounds;

/** How long an answer takes that costs the server nothing: the quickest of all. */
let quickestMs = Number.POSITIVE_INFINITY;

/** What answers have cost the server, in milliseconds, by what their calls are aborted with. */
const costs = new WeakMap<AbortSignal, number>();

/** Notes that a call was answered after so long. */
export function noteAnswer(tookMs: number, abort: AbortSignal | undefined): void {
  quickestMs = Math.min(quickestMs, tookMs);
  if (abort !== undefined) noteCost(tookMs - quickestMs, abort);
}

export function noteCost(costMs: number, abort: AbortSignal): void {
  costs.set(abort, costOf(abort) + costMs);
}

export function costOf(abort: AbortSignal): number {
  return costs.get(abort) ?? 0;
}

/** How often something is asked again. */
export interface Pace {
  /**
   * How long to wait after a round of calls: longer than wanted when two rounds in a row have cost the server much. One
   * may be slow by chance, and the first one for the connection, or for what the server and the page do once.
   */
  pauseAfter(costMs: number, wantedMs: number): number;
  /** The rounds before do not count any more. */
  restart(): void;
}

export function paceOf({ share, maxPauseMs }: PaceBounds): Pace {
  let beforeMs = 0;
  return {
    pauseAfter(costMs, wantedMs) {
      const lesserMs = Math.min(beforeMs, costMs);
      beforeMs = costMs;
      return Math.max(wantedMs, Math.min(maxPauseMs, lesserMs / share));
    },
    restart() {
      beforeMs = 0;
    },
  };
}
