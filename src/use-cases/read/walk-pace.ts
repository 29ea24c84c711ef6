/** How much reading may be done in one go: receiving waits meanwhile. */
export interface WalkPace {
  /** Items, at most. */
  readonly maxItems: number;
  /** Milliseconds, about: it ends after the item during which they pass. */
  readonly maxMs: number;
  /** Index rows looked at, at most. A row takes some nanoseconds. */
  readonly maxRows: number;
  /** Index rows of which the items' bytes are looked at, at most. A row takes half a microsecond. */
  readonly maxRowsRead: number;
}

export const defaultWalkPace: WalkPace = { maxItems: 500, maxMs: 5, maxRows: 500_000, maxRowsRead: 8_000 };
