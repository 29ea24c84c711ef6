/** How much reading may be done in one step: receiving waits meanwhile. */
export interface WalkPace {
  /** Items, at most. */
  readonly maxItems: number;
  /** Milliseconds, about: it ends after the item during which they pass. */
  readonly maxMs: number;
}

export const defaultWalkPace: WalkPace = { maxItems: 500, maxMs: 5 };
