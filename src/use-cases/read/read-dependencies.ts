import { ObsvtyError } from "../../domain/errors.ts";
import type { Signal } from "../../domain/signal.ts";
import type { TelemetryStore } from "../../ports/telemetry-store.ts";
import type { ClearedRanges } from "./cleared-ranges.ts";
import type { Cursors } from "./cursor.ts";
import type { LostRange, WalkPace } from "./walk.ts";

/** What every way of reading needs. */
export interface ReadDependencies {
  readonly store: TelemetryStore;
  readonly cursors: Cursors;
  readonly cleared: Readonly<Record<Signal, ClearedRanges>>;
  readonly pace: WalkPace;
}

/**
 * Ordinal of the first item after a cursor. It may be evicted since, or yet to come.
 * @throws ObsvtyError invalid-argument that names `after`
 */
export function positionAfter({ store, cursors }: ReadDependencies, signal: Signal, after: string): number {
  const position = cursors.decode(after, signal, "after");
  if (position > store.range(signal).next) {
    throw new ObsvtyError("invalid-argument", "after: the cursor is not of this server");
  }
  return position;
}

/** Of the ordinals lost before `next`, those that were evicted and not cleared. */
export function countEvicted(lost: readonly LostRange[], cleared: ClearedRanges, next: number): number {
  return lost.reduce((sum, range) => {
    const to = Math.min(range.to, next);
    return range.from < to ? sum + to - range.from - cleared.count(range.from, to) : sum;
  }, 0);
}
